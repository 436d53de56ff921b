using System.Text;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Testing;
using Xunit;
using static PcapAnalyzer.Testing.SessionFacts;

namespace PcapAnalyzer.Tui.Tests;

/// <summary>The view Time without a terminal.</summary>
public sealed class TimeModelTests
{
    private static TimeModel Model(double until, params Session[] sessions)
    {
        var model = new TimeModel();
        model.Update(SessionsSeen.Of(JudgedSessions.Of(Cluster(until, sessions))), [], At(until));
        return model;
    }

    private static string Row(TimeModel model, int row, int width = 80) =>
        string.Concat(TimeRows.Row(model, row, width).Select(run => run.Text));

    private static string Axis(TimeModel model, int width = 80) => string.Concat(TimeRows.Axis(model, width, null).Select(run => run.Text));

    private static string Detail(TimeModel model) =>
        string.Join('\n', TimeRows.Detail(model, 79, null, text => text).Select(row => string.Concat(row.Select(run => run.Text))));

    [Fact]
    public void A_split_is_selected_first_and_said_in_words()
    {
        var model = Model(280, Split());
        Assert.NotNull(model.SelectedSplit);
        Assert.StartsWith(" ◇ cluster-split  proven  first loss 21:11:27.000", Detail(model), StringComparison.Ordinal);
        Assert.Contains("\n → ", Detail(model), StringComparison.Ordinal);
    }

    [Fact]
    public void A_dial_without_an_answer_stands_on_the_lane_of_its_hosts()
    {
        var (lost, kept) = (Split()[0], Split()[2]);
        var cluster = Cluster(280, lost, kept);
        cluster.Tell(new ConnectionAttempt
        {
            Number = 1,
            From = lost.Initiator.Host,
            To = lost.Acceptor,
            How = "syn-unanswered",
            Times = 3,
            First = At(200),
            Last = At(220),
            IsRepeated = true,
        });
        var model = new TimeModel();
        model.Update(SessionsSeen.Of(JudgedSessions.Of(cluster)), [], At(280));
        var lane = model.Lanes.Single(one => one.Items.Any(item => item.Dial != null));
        Assert.Equal((lost.FromInitiator.Node, lost.FromAcceptor.Node), (lane.First, lane.Second));
        Assert.Equal(2, Row(model, model.Splits.Count + model.Lanes.ToList().IndexOf(lane)).Count(glyph => glyph == '◇'));
        model.Pick(model.Splits.Count + model.Lanes.ToList().IndexOf(lane), At(210));
        Assert.Contains("3 dials", Detail(model), StringComparison.Ordinal);
    }

    [Fact]
    public void Lanes_show_connections_silences_splits_and_ends()
    {
        var sessions = Split();
        var closed = Of(4, "jobs@db-2", "old@db-4", from: 20, until: 40).ClosedBy(Role.Acceptor, 41);
        var frozen = Of(5, "jobs@db-2", "old@db-4", from: 90, until: 150);
        frozen = frozen with
        {
            FromAcceptor = Side("old@db-4", 90, 180) with { Silences = [new Silence(At(100), At(107))] },
            FromInitiator = frozen.FromInitiator
                with
            { End = new SessionEnd(Role.Initiator, true, 77, At(200)) { HasAck = true, HasOptions = true } },
        };
        var model = Model(280, [.. sessions, closed, frozen]);
        var text = new StringBuilder();
        foreach (var width in (int[])[80, 200])
        {
            var rows = Enumerable.Range(0, model.Count).Select(row => Row(model, row, width)).Prepend(Axis(model, width)).ToList();
            text.Append($"{width}\n");
            foreach (var row in rows.Concat(rows.Select(GlyphSet.Ascii))) text.Append(row.TrimEnd()).Append('\n');
        }
        text.Append(Detail(model)).Append('\n');
        Golden.Matches(Path.Combine(Repository.Root, "tests/PcapAnalyzer.Tui.Tests/time.txt"), text.ToString());
    }

    [Fact]
    public void Without_a_split_the_first_problem_is_selected()
    {
        var model = Model(60, Of(1, "a@h1", "b@h2", until: 60), Of(2, "a@h1", "c@h3", until: 52));
        Assert.Equal("open-silent", model.Selected?.Session?.Code.Kebab());
    }

    [Fact]
    public void Zoom_keeps_the_selected_in_place_and_ends_at_the_whole()
    {
        var model = Model(280, Split());
        var (from, to) = (model.From, model.To);
        for (var i = 0; i < 4; i++) model.Zoom(isIn: true);
        Assert.Equal((to - from) / 16, model.To - model.From);
        Assert.InRange(model.SelectedSplit!.Split.Detected, model.From, model.To);
        for (var i = 0; i < 5; i++) model.Zoom(isIn: false);
        Assert.Equal((from, to), (model.From, model.To));
        model.Zoom(isIn: true);
        for (var i = 0; i < 4; i++) model.Pan(1);
        Assert.Equal(to, model.To);
        for (var i = 0; i < 100; i++) model.Zoom(isIn: true);
        Assert.True(model.To - model.From >= 1_000_000);
    }

    [Fact]
    public void The_live_edge_moves_while_the_whole_is_shown()
    {
        var cluster = Cluster(40, Of(1, "a@h1", "b@h2"));
        var model = new TimeModel();
        model.Update(SessionsSeen.Of(JudgedSessions.Of(cluster)), [], At(40));
        model.Update(SessionsSeen.Of(JudgedSessions.Of(cluster)), [], At(50));
        Assert.Equal(At(50), model.To);
        model.Zoom(isIn: true);
        var shown = (model.From, model.To);
        model.Update(SessionsSeen.Of(JudgedSessions.Of(cluster)), [], At(60));
        Assert.Equal(shown, (model.From, model.To));
    }

    [Fact]
    public void The_selection_stays_when_another_session_comes()
    {
        var model = Model(60, Of(2, "a@h1", "c@h3", from: 10, until: 60), Of(3, "b@h2", "c@h3", from: 20, until: 60));
        model.Move(1);
        var chosen = model.Selected;
        var three = Cluster(60, Of(1, "a@h1", "b@h2", until: 60), Of(2, "a@h1", "c@h3", from: 10, until: 60),
            Of(3, "b@h2", "c@h3", from: 20, until: 60));
        model.Update(SessionsSeen.Of(JudgedSessions.Of(three)), [], At(60));
        Assert.Equal((chosen!.Session!.Id, 2), (model.Selected!.Session!.Id, model.Row));
    }

    [Fact]
    public void Steps_go_from_one_session_of_a_pair_to_the_next()
    {
        var model = Model(60, Of(1, "a@h1", "b@h2", until: 20).ClosedBy(Role.Acceptor, 21), Of(2, "b@h2", "a@h1", from: 30, until: 60));
        Assert.Contains("a@h1 ⇄ b@h2", Row(model, model.Count - 1), StringComparison.Ordinal);
        model.Pick(model.Count - 1, At(0));
        Assert.Equal(1, model.Selected!.Session!.Id);
        model.Step(1);
        Assert.Equal(2, model.Selected!.Session!.Id);
        Assert.Contains('|', Row(model, model.Row));
    }

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(200)]
    public void Rows_fit_the_width_and_every_sign_has_its_ASCII_twin(int width)
    {
        var model = Model(280, [.. Split(), Of(4, "a_very_long_name_of_a_node@and-its-host.example-9", "生産@db-2", from: 5, until: 270)]);
        foreach (var row in Enumerable.Range(0, model.Count).Select(row => Row(model, row, width)).Append(Axis(model, width)))
        {
            Assert.Equal(width - 1, CellText.Width(row));
            Assert.DoesNotContain("\\u", GlyphSet.Ascii(row.Replace("生産", "", StringComparison.Ordinal)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Names_of_twenty_letters_are_whole_on_eighty_columns()
    {
        var model = Model(60, Of(1, "production_api@web-1", "production_job@web-2", until: 60));
        Assert.Contains("production_api@web-1 → production_job@web-2", Row(model, 0), StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_capture_draws_nothing_and_takes_keys()
    {
        var model = Model(0);
        model.Move(1);
        model.Step(1);
        model.Zoom(isIn: true);
        model.Pan(-1);
        Assert.Equal((-1, 0), (model.Row, model.Count));
        Assert.Empty(TimeRows.Detail(model, 80, null, text => text));
        Assert.Equal(79, CellText.Width(Axis(model)));
    }
}
