using PcapAnalyzer.Judging;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Reports;
using Xunit;

namespace PcapAnalyzer.Tui.Tests;

/// <summary>Ladder row, field and byte are one selection.</summary>
public sealed class DetailModelTests : IDisposable
{
    private readonly CaptureSession _session;
    private readonly IReadOnlyList<JudgedHandshake> _reports;

    public DetailModelTests()
    {
        var input = new HeldInput("story.pcap", Story.Frames);
        _session = new CaptureSession(input, Story.Prod, Screen.NewAnalyzer, new OneByOne());
        _session.Start();
        input.GiveAll();
        Assert.True(SpinWait.SpinUntil(() => _session.IsOver, TimeSpan.FromSeconds(30)));
        _reports = _session.Report().Handshakes;
    }

    public void Dispose() => _session.Dispose();

    [Fact]
    public void The_last_message_and_its_proof_are_selected_first()
    {
        var detail = Shown(Mismatch);
        Assert.Equal(MessageKind.ChallengeReply, Mismatch.Messages[detail.Ladder[detail.LadderRow].Message!.Value].Kind);
        Assert.Equal("digest", detail.Field!.Name);
        Assert.Equal(detail.Field.Offset, detail.Offset);
    }

    [Fact]
    public void Every_byte_selects_the_smallest_field_that_holds_it_and_every_field_its_first_byte()
    {
        foreach (var report in _reports.Where(report => report.Messages.Count > 0))
        {
            var detail = Shown(report);
            for (var row = 0; row < detail.Ladder.Count; row++)
            {
                detail.SelectRow(row);
                if (detail.Ladder[row].Message == null) continue;
                var tree = detail.Tree!;
                Assert.All(tree.Nodes, node => Assert.InRange(node.Offset + node.Length, -1, tree.Bytes.Length));
                for (var at = 0; at < tree.Bytes.Length; at++)
                {
                    detail.SelectByte(at);
                    Assert.Equal(at, detail.Offset);
                    var field = detail.Field!;
                    Assert.InRange(at, field.Offset, field.Offset + field.Length - 1);
                    Assert.DoesNotContain(tree.Nodes,
                        node => node.Offset <= at && at < node.Offset + node.Length && node.Length < field.Length);
                }
                for (var line = 0; line < detail.Lines.Count; line++)
                {
                    detail.SelectLine(line);
                    Assert.Equal(detail.Lines[line].Node is { Offset: >= 0, Length: > 0 } node ? node.Offset : -1, detail.Offset);
                }
            }
        }
    }

    [Fact]
    public void The_same_handshake_again_keeps_step_field_and_byte()
    {
        var detail = Shown(Mismatch);
        detail.MoveStep(-1);
        detail.SelectByte(5);
        var (row, line, field) = (detail.LadderRow, detail.Line, detail.Field!.Path);
        Show(detail, Mismatch);
        Assert.Equal((row, line, field, 5), (detail.LadderRow, detail.Line, detail.Field!.Path, detail.Offset));
    }

    [Fact]
    public void A_step_that_is_no_message_stays_selected_too()
    {
        var detail = Shown(Mismatch);
        detail.MoveStep(99); // the close
        Assert.Null(detail.Ladder[detail.LadderRow].Message);
        var row = detail.LadderRow;
        Show(detail, Mismatch);
        Assert.Equal(row, detail.LadderRow);
    }

    [Fact]
    public void Another_handshake_leaves_nothing_of_the_one_before()
    {
        var detail = Shown(Mismatch);
        Show(detail, _reports.First(report => report.Messages.Count == 0));
        Assert.Equal((0, 0, -1), (detail.Tree!.Bytes.Length, detail.Lines.Count(line => line.Node.Offset >= 0), detail.Offset));
        detail.Show(null, [], null, _ => null);
        Assert.Equal((null, null, 0, -1), (detail.Tree, detail.Field, detail.Lines.Count, detail.LadderRow));
        Assert.False(detail.Open(true));
        detail.SelectByte(3);
        detail.MoveStep(1);
    }

    [Fact]
    public void A_closed_branch_hides_what_hangs_on_it_and_stays_closed()
    {
        var detail = Shown(Mismatch);
        var all = detail.Lines.Count;
        detail.SelectLine(detail.Lines.ToList().FindIndex(line => line.Node.Depth == 0));
        Assert.True(detail.Open(false));
        Assert.Equal(0, detail.Lines[1].Node.Depth);
        Assert.True(detail.Lines[0].IsBranch);
        Show(detail, Mismatch);
        Assert.True(detail.Lines.Count < all);
        detail.SelectLine(0);
        Assert.True(detail.Open(true));
        Assert.Equal(all, detail.Lines.Count);
    }

    [Fact]
    public void Closing_inside_a_branch_goes_to_its_top()
    {
        var detail = Shown(Mismatch);
        Assert.Equal(("digest", true), (detail.Field!.Name, detail.Lines[detail.Line].IsBranch));
        Assert.True(detail.Open(false)); // the digest's own branch
        Assert.True(detail.Open(false));
        Assert.Equal(("challenge-reply", 0), (detail.Field!.Name, detail.Field.Depth));
    }

    [Fact]
    public void A_lone_connection_shows_its_frames_with_their_headers()
    {
        var detail = Shown(Mismatch);
        Assert.Contains(detail.Lines, line => line.Node.Name.StartsWith("frame ", StringComparison.Ordinal));
        Assert.Contains(detail.Lines, line => line.Node.Name == "tcp" && line.Node.Text.Contains("> 25672", StringComparison.Ordinal));
    }

    private JudgedHandshake Mismatch => _reports.First(report => report.Outcome == Outcome.AuthenticationFailed);

    private DetailModel Shown(JudgedHandshake report)
    {
        var detail = new DetailModel();
        Show(detail, report);
        return detail;
    }

    private void Show(DetailModel detail, JudgedHandshake report) =>
        detail.Show(report, LadderDrawing.Draw(report, new LadderStyle { Width = 80 }), _session.Facts(report),
            number => _session.Layers(report, number));
}
