using PcapAnalyzer.Judging;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Reports.Filter;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Tui.Tests;

public sealed class TimelineModelTests
{
    private static readonly JudgedHandshake[] Samples =
        [.. Trace.Report(Story.Packets.OrderBy(packet => packet.Time), Story.Prod).Handshakes];

    [Fact]
    public void The_first_problem_is_selected_until_the_user_moves()
    {
        var model = new TimelineModel();
        model.Apply([Made(1, 10), Made(2, 11, Outcome.Rejected)]);
        Assert.Equal(2, model.SelectedId);
        model.Apply([Made(3, 5, Outcome.Rejected)]);
        Assert.Equal(2, model.SelectedId); // a problem that is read is not taken away for an earlier one
        model.Move(1);
        model.Apply([Made(4, 1, Outcome.Rejected)]);
        Assert.Equal((2, 3), (model.SelectedId, model.SelectedRow));
    }

    [Fact]
    public void A_problem_that_turns_out_to_be_none_is_left_for_the_next()
    {
        var model = new TimelineModel();
        model.Apply([Made(1, 10, Outcome.Rejected), Made(2, 11, Outcome.Rejected)]);
        model.Apply([Made(1, 10)]);
        Assert.Equal((2, 1), (model.SelectedId, model.Problems));
    }

    [Fact]
    public void A_handshake_under_way_is_no_problem_yet()
    {
        var model = new TimelineModel();
        model.Apply([Made(1, 10, Outcome.Rejected) with { IsOpen = true }]);
        Assert.Equal((0, true), (model.Problems, model.IsOpen(1)));
        model.Apply([Made(1, 10, Outcome.Rejected)]);
        Assert.Equal((1, false), (model.Problems, model.IsOpen(1)));
    }

    [Fact]
    public void Following_selects_the_newest_until_the_user_moves_up()
    {
        var model = new TimelineModel();
        model.Follow(true);
        model.Apply([Made(1, 1), Made(2, 2)]);
        Assert.Equal(2, model.SelectedId);
        model.Apply([Made(3, 3)]);
        Assert.Equal((3, 0), (model.SelectedId, model.NewBelow));
        model.Move(-1);
        model.Apply([Made(4, 4), Made(5, 5)]);
        Assert.Equal((2, 2, false), (model.SelectedId, model.NewBelow, model.IsFollowing));
        model.Last();
        Assert.Equal((5, 0), (model.SelectedId, model.NewBelow));
    }

    [Fact]
    public void A_pause_holds_what_comes_and_shows_it_later()
    {
        var model = new TimelineModel();
        model.Apply([Made(1, 1)]);
        model.Pause(true);
        Assert.False(model.Apply([Made(2, 2), Made(1, 1, Outcome.Rejected)]));
        Assert.Equal((1, 0), (model.Total, model.Problems));
        model.Pause(false);
        Assert.Equal((2, 1), (model.Total, model.Problems));
    }

    [Fact]
    public void A_folded_row_stands_for_the_attempts_that_ended_alike_and_shows_the_latest()
    {
        var model = new TimelineModel();
        model.Apply([Made(1, 1, Outcome.Rejected, "a"), Made(2, 2, Outcome.Rejected, "b"), Made(3, 3, Outcome.Rejected, "a"),
            Made(4, 4, Outcome.Established, "a")]);
        model.Fold(true);
        Assert.Equal([2, 3, 4], Rows(model));
        Assert.Equal([1, 2, 1], Enumerable.Range(0, 3).Select(model.Times));
        model.Fold(false);
        Assert.Equal([1, 2, 3, 4], Rows(model));
    }

    [Fact]
    public void The_selection_stays_with_its_story_when_a_later_attempt_takes_the_row()
    {
        var model = new TimelineModel();
        model.Apply([Made(1, 1, Outcome.Rejected, "a"), Made(2, 2, Outcome.Rejected, "b")]);
        model.Fold(true);
        model.Pick(0);
        model.Apply([Made(3, 3, Outcome.Rejected, "a")]);
        Assert.Equal((3, 1), (model.SelectedId, model.SelectedRow));
    }

    [Fact]
    public void A_selected_row_hidden_by_a_filter_is_selected_again_later()
    {
        var model = new TimelineModel();
        model.Apply([Made(1, 1), Made(2, 2, Outcome.Rejected), Made(3, 3)]);
        model.Pick(1);
        model.Filter(Of("outcome == established"));
        Assert.Equal(3, model.SelectedId);
        model.Filter(null);
        Assert.Equal(2, model.SelectedId);
    }

    [Fact]
    public void Marks_are_seen_by_a_filter_at_once()
    {
        var model = new TimelineModel();
        model.Apply([Made(1, 1), Made(2, 2)]);
        model.ToggleMark(2);
        model.Filter(Of("marked"));
        Assert.Equal([2], Rows(model));
        model.ToggleMark(2);
        Assert.Empty(Rows(model));
        Assert.Equal(-1, model.SelectedRow);
    }

    [Fact]
    public void The_next_problem_goes_round()
    {
        var model = new TimelineModel();
        model.Apply([Made(1, 1, Outcome.Rejected), Made(2, 2), Made(3, 3, Outcome.Rejected)]);
        Assert.True(model.Next(1, Severities.IsProblem));
        Assert.Equal(3, model.SelectedId);
        Assert.True(model.Next(1, Severities.IsProblem));
        Assert.Equal(1, model.SelectedId);
        Assert.True(model.Next(-1, Severities.IsProblem));
        Assert.Equal(3, model.SelectedId);
        Assert.False(model.Next(1, _ => false));
        Assert.Equal(3, model.SelectedId);
    }

    /// <summary>Whatever is done in whatever order: the rows are those of a list made anew, and the selection stays where it may.</summary>
    [Fact]
    public void Any_history_shows_what_a_fresh_list_would()
    {
        for (var seed = 0; seed < 300; seed++) Play(new Random(seed), seed);
    }

    private static void Play(Random random, int seed)
    {
        var model = new TimelineModel();
        var reports = new Dictionary<int, JudgedHandshake>();
        Where? where = null;
        model.Move(0); // before the first move the first problem is looked for
        var isElsewhere = true; // what was selected was hidden, and something else is until the next move
        for (var step = 0; step < 60; step++)
        {
            var (selected, hasMoved) = (model.SelectedId, false);
            switch (random.Next(10))
            {
                case < 5:
                    var changes = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Any(random)).DistinctBy(change => change.Report.Id)
                        .ToList();
                    foreach (var change in changes) reports[change.Report.Id] = change.Report;
                    model.Apply(changes);
                    break;
                case 5:
                    where = random.Next(3) == 0 ? null : Of(random.Next(2) == 0 ? "outcome == rejected" : "initiator.node == b");
                    model.Filter(where);
                    break;
                case 6:
                    model.Fold(random.Next(2) == 0);
                    break;
                case 7:
                    model.OrderBy((HandshakeColumn)random.Next(Enum.GetValues<HandshakeColumn>().Length));
                    break;
                case 8:
                    model.Move(random.Next(-3, 4));
                    hasMoved = true;
                    break;
                default:
                    model.Pick(random.Next(20));
                    hasMoved = true;
                    break;
            }
            var expected = Fresh(reports.Values, where, model);
            Assert.True(expected.SequenceEqual(Rows(model)),
                $"seed {seed}, step {step}: {string.Join(' ', expected)} is shown as {string.Join(' ', Rows(model))}");
            Assert.Equal(expected.Count == 0, model.SelectedRow < 0);
            if (hasMoved) isElsewhere = model.SelectedRow < 0;
            else if (!expected.Contains(selected)) isElsewhere = true;
            else if (!isElsewhere) Assert.Equal(selected, model.SelectedId);
        }
    }

    private static List<int> Fresh(IEnumerable<JudgedHandshake> all, Where? where, TimelineModel model)
    {
        var shown = all.Where(report => where?.Matches(report, model.Context) ?? true);
        if (model.IsFolded) shown = shown.GroupBy(report => (report.Initiator.Node, report.Acceptor.Node, report.Outcome,
            report.Diagnosis.Code)).Select(group => group.MaxBy(report => (report.Started, report.Id))!);
        var byId = shown.ToDictionary(report => report.Id);
        var ordered = HandshakeColumns.InOrder(model.Order, byId.Keys.OrderBy(id => (byId[id].Started, id)), id => byId[id]).ToList();
        if (model.IsDescending) ordered.Reverse();
        return ordered;
    }

    private static HandshakeUpdate Any(Random random) =>
        Made(random.Next(1, 15), random.Next(5), ((Outcome[])[Outcome.Rejected, Outcome.Established, Outcome.Closed])[random.Next(3)],
            ((string[])["a", "b", "c"])[random.Next(3)]) with
        { IsOpen = random.Next(4) == 0 };

    private static List<int> Rows(TimelineModel model) => [.. Enumerable.Range(0, model.Count).Select(row => model[row].Id)];

    private static Where Of(string expression) => Where.TryParse(expression, out var where, out var error) ?
        where : throw new ArgumentException(error.Message);

    /// <summary>A handshake that started at this second.</summary>
    private static HandshakeUpdate Made(int id, long at, Outcome outcome = Outcome.Established, string initiator = "a")
    {
        var like = Samples.Last(report => report.Outcome == outcome);
        return new HandshakeUpdate(like with
        {
            Id = id,
            Facts = like.Facts with { Started = at * 1_000_000_000 },
            Initiator = like.Initiator with { Node = initiator }
        }, false);
    }
}
