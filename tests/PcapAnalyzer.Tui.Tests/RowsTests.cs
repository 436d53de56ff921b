using PcapAnalyzer.Reports;
using PcapAnalyzer.Testing;
using Terminal.Gui.Text;
using Xunit;

namespace PcapAnalyzer.Tui.Tests;

/// <summary>Names come from packets: whatever they are made of, every column stays where it is.</summary>
public sealed class RowsTests
{
    private static readonly string[] Names =
    [
        "a@b", "", " ", "\u001b[2J\u001b]0;owned\u0007@h", "a\u202ecba@h", "rabbit@生産-1.example", "生産生産生産生産生産生産生産@生産生産生産生産生産",
        "e\u0301\u0301\u0301\u0301@host", "\u0301\u0301\u0301",
        "👩‍👩‍👧‍👦@🏳️‍🌈.example", "tab\tnewline\nreturn\r@h", "\ud800@h", "\0\0\0", new string('x', 65_536), new string('産', 30_000),
        string.Concat(Enumerable.Repeat("e\u0301", 20_000)), "ﷺ@ﷺ", "ᄒ\u1161\u11ab@한글", "\u200b\u200b@\u2066x\u2069",
    ];

    private static readonly JudgedHandshake[] Samples =
        [.. Trace.Report(Story.Packets.OrderBy(packet => packet.Time), Story.Prod).Handshakes];

    public static TheoryData<int> Widths => [60, 71, 72, 80, 99, 100, 131, 132, 160, 189, 190, 250];

    [Theory]
    [MemberData(nameof(Widths))]
    public void Every_column_of_the_list_begins_where_its_header_does(int width)
    {
        var places = HandshakeColumns.For(width);
        Assert.InRange(places.Sum(place => place.Width), width - 1, width); // an odd cell is left over where two share the rest
        foreach (var report in Hostile())
        {
            foreach (var (times, isOpen, isMarked) in ((int, bool, bool)[])[(1, false, false), (12_345, true, true)])
            {
                var row = Text(HandshakeColumns.Row(report, width, times, isOpen, isMarked));
                Assert.Equal(places.Sum(place => place.Width), row.GetColumns());
                AssertIsPlain(row);
            }
        }
        Assert.Equal(places.Sum(place => place.Width), Text(HandshakeColumns.Header(width, HandshakeColumn.Took, true)).GetColumns());
    }

    [Theory]
    [Trait("Only", "test-all")]
    [MemberData(nameof(Widths))]
    public void Nodes_and_matrix_keep_their_columns(int width)
    {
        var matrix = new NodeMatrix(Hostile());
        foreach (var node in matrix.Nodes)
        {
            Assert.Equal(width, Text(NodeRows.Node(node, width)).GetColumns());
            AssertIsPlain(Text(NodeRows.Node(node, width)));
        }
        Assert.Equal(width, Text(NodeRows.Header(width)).GetColumns());
        for (var column = -1; column < matrix.Nodes.Count; column++)
        {
            var rows = NodeRows.Matrix(matrix, 0, column, width);
            Assert.Single(rows.Select(row => Text((IEnumerable<InkRun>)row).GetColumns()).Distinct());
            Assert.All(rows, row => Assert.InRange(Text(row).GetColumns(), 30, width));
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void A_node_says_under_each_title_what_the_title_says(int width)
    {
        var header = Text(NodeRows.Header(width));
        var row = Text(NodeRows.Node(new NodeRow(7, "a@b", "OTP 27", "prod", 1, 2, 3, "10.0.0.1:4370") { HasName = true }, width));
        foreach (var (title, value) in ((string, string)[])[("node", "a@b"), ("release", "OTP 27"), ("cookie proved", "prod"), ("✓", "1"),
            ("✗", "2"), ("other", "3"), ("listens at", "10.0.0.1:4370")])
            if (header.IndexOf(title, StringComparison.Ordinal) is >= 0 and var at)
                Assert.StartsWith(value, row[at..], StringComparison.Ordinal);
        Assert.Contains("cookie proved", header);
    }

    [Fact]
    [HardCase("text from packets")]
    public void Hostile_names_fill_a_whole_screen_and_break_nothing()
    {
        var names = Names.Where(name => name.Length is > 0 and < 40_000).ToList();
        var packets = names.SelectMany((name, index) =>
            new Playbook($"10.9.{index}.1:50000", $"10.9.{index}.2:7900", index * 100)
                .Handshake(Encodable(name), Encodable($"{name}!"), "x").Packets);
        foreach (var (width, height) in ((int, int)[])[(60, 15), (80, 24), (160, 45), (250, 70)])
        {
            using var screen = Screen.Of(HeldInput.FramesOf(packets), Story.Ring((Names[3], "x"), (Names[6], "y")), width, height);
            Assert.Equal(names.Count, screen.Model.Total);
            foreach (var keys in (string[])["1", "2", "3", "4", "5", "l", "5", "1", "x", "C", "enter", "e", "enter"])
            {
                screen.Keys(keys);
                AssertWhole(screen, width);
            }
            screen.Keys("1", "g");
            for (var row = 0; row < screen.Model.Count; row++)
            {
                AssertWhole(screen.Keys("j"), width);
            }
            AssertWhole(screen.Keys("/").Type("node == \""), width);
        }
    }

    private static void AssertWhole(Screen screen, int width) => Assert.All(screen.Rows, row =>
    {
        Assert.Equal(width, row.GetColumns());
        AssertIsPlain(row);
    });

    private static void AssertIsPlain(string row) =>
        Assert.DoesNotContain(row, letter => char.IsControl(letter) || letter is '\u202e' or '\u200b' or '\u2066');

    /// <summary>What protobuf can carry: no lone surrogates.</summary>
    private static string Encodable(string name) => System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(name));

    private static IEnumerable<JudgedHandshake> Hostile() =>
        from name in Names
        from report in Samples
        select report with
        {
            Initiator = report.Initiator with { Node = name },
            Acceptor = report.Acceptor with { Node = $"{name}{name}" },
            Proofs = [.. report.Proofs.Select(digest => digest with { Cookie = digest.Cookie == null ? null : name })]
        };

    private static string Text(IEnumerable<InkRun> runs) => string.Concat(runs.Select(run => run.Text));
}
