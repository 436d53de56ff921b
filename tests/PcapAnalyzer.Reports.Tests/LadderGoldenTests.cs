using System.Collections.Concurrent;
using System.Text;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Reports.Tests;

/// <summary>Compares drawings of real captures and of the failure rows with the golden files in <c>ladders/</c>.</summary>
public sealed class LadderGoldenTests
{
    private static readonly ConcurrentDictionary<string, CaptureReport> Reports = [];

    /// <summary>Drawings by name: the capture and the handshake's number in it.</summary>
    private static readonly Dictionary<string, (string Capture, int Id)> Drawings = new()
    {
        ["erlang-ok"] = ("erlang/ok.pcap", 1),
        ["erlang-wrong-cookie"] = ("erlang/wrong_cookie.pcap", 1),
        ["erlang-not-allowed"] = ("erlang/not_allowed.pcap", 1),
        ["erlang-alive"] = ("erlang/duplicate_name.pcap", 2),
        ["erlang-dynamic-name"] = ("erlang/dynamic_name.pcap", 1),
        ["erlang-ends-early"] = ("erlang/cut_end_after_challenge.pcap", 1),
        ["erlang-starts-late"] = ("erlang/mid_from_challenge.pcap", 1),
        ["erlang-many-frames"] = ("erlang/mtu88.pcap", 1),
        ["erlang-lossy"] = ("erlang/lossy.pcap", 5),
        ["erlang-dribble"] = ("erlang/dribble.pcap", 3),
        ["erlang-tls-to-plain"] = ("erlang/tls_to_plain.pcap", 1),
        ["erlang-plain-to-tls"] = ("erlang/plain_to_tls.pcap", 1),
        ["erlang-tls"] = ("erlang/tls.pcap", 1),
        ["erlang-garbage"] = ("erlang/garbage.pcap", 6),
        ["erlang-silent"] = ("operators/freeze_acceptor_before_status.pcap", 1),
        ["erlang-reset"] = ("operators/middlebox_rst_at_challenge.pcap", 1),
        ["erlang-one-side"] = ("operators/only_from_initiator.pcap", 1),
        ["erlang-near-miss"] = ("operators/rmq_cookie_file_trailing_space.pcap", 1),
        ["erlang-host-alias"] = ("operators/rmq_ctl_host_alias.pcap", 1),
        ["ractor-ok"] = ("ractor/01_ok_new.pcap", 1),
        ["ractor-wrong-cookie"] = ("ractor/02_wrong_cookie_new.pcap", 1),
        ["ractor-rejects-ack"] = ("ractor/03_client_rejects_ack_new.pcap", 1),
        ["ractor-alive"] = ("ractor/04_alive_new.pcap", 1),
        ["ractor-self"] = ("ractor/04_self_name_new.pcap", 1),
        ["ractor-lossy"] = ("ractor/09_lossy_new.client_side.pcap", 6),
        ["ractor-noise"] = ("ractor/10_noise_new.pcap", 1),
        ["ractor-old-peer"] = ("ractor/13_mixed_new_to_old.pcap", 1),
    };

    public static TheoryData<string> Names => [.. Drawings.Keys];

    public static TheoryData<string> Rows => [.. FailureRow.All.Select(row => row.Row)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_capture_looks_like_this(string name)
    {
        var (capture, id) = Drawings[name];
        var report = Reports.GetOrAdd(capture, path => Analysis.Report(path, Analysis.TrueCookies(path)));
        Golden.Matches(PathOf(name), Everywhere(report.Handshakes.Single(one => one.Id == id)));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_failure_row_looks_like_this(string row)
    {
        var text = new StringBuilder();
        foreach (var handshake in Playbook.Report(FailureRow.Cookies, FailureRow.All.Single(one => one.Row == row).Plays).Handshakes)
            text.Append(Text(LadderDrawing.Draw(handshake, new LadderStyle { Width = 80 }), 80))
                .Append(Text(DiagnosisText.Rows(handshake, 80), 80)).Append('\n');
        Golden.Matches(PathOf($"row-{row}"), text.ToString());
    }

    [Fact]
    public void Two_connections_of_one_pair_look_like_this()
    {
        var report = Playbook.Report(FailureRow.Cookies, FailureRow.All.Single(one => one.Row == "E9").Plays);
        string Pair(int width) =>
            Text(LadderDrawing.DrawPair(report.Handshakes[0], report.Handshakes[1], new LadderStyle { Width = width }), width);
        var text = string.Concat(((int[])[60, 80, 110, 160]).Select(width => $"{width}\n{Pair(width)}\n"));
        Golden.Matches(PathOf("pair"), text);
    }

    [Fact]
    public void An_open_wait_looks_like_this()
    {
        var clock = new Playbook("10.0.0.9:1", "10.0.0.9:2", startMilliseconds: 6_000).Syn();
        var report = Playbook.Report(FailureRow.Cookies, new Playbook().Connect().Initiator(ErlangBytes.Name("b@h")), clock).Handshakes[0];
        var live = new LadderStyle { Width = 80, Now = report.Started + 13_000_000_000 };
        Golden.Matches(PathOf("open"), Text(LadderDrawing.Draw(report, new LadderStyle { Width = 80 }), 80)
            + Text(DiagnosisText.Rows(report, 80), 80) + "\n" + Text(LadderDrawing.Draw(report, live), 80));
    }

    [Fact]
    public void What_happens_to_bytes_on_the_way_looks_like_this()
    {
        var syn = new Playbook().Syn().Packets[0];
        var play = new Playbook().Connect().Initiator(ErlangBytes.Name("b@h")).Wait(1900).Acceptor(ErlangBytes.Status())
            .Acceptor(ErlangBytes.Challenge("a@h", 42)).LoseLast().Initiator(ErlangBytes.Reply(7, 42, "right")).Wait(250)
            .Acceptor(ErlangBytes.Ack(7, "right")).Initiator(new byte[4]);
        var name = play.Packets[3];
        var copies = ((int[])[200, 600, 1600]).Select(after => name with { Time = name.Time + after * 1_000_000L });
        var packets = play.Packets.Select(packet => packet == play.Packets[0] ? packet : packet with { Time = packet.Time + 1_000_000_000 })
            .Append(syn with { Time = syn.Time + 999_000_000 });
        packets = packets.Concat(copies.Select(copy => copy with { Time = copy.Time + 1_000_000_000 })).OrderBy(packet => packet.Time);
        var report = Trace.Report(packets,
            new CookieRing([.. FailureRow.Cookies.Select(cookie => Cookie.FromText(cookie.Key, cookie.Value))])).Handshakes[0];
        Assert.Equal((2, 3L, 1), (report.Connection.Syns, report.Facts.Transfer.Single(one => one.Kind == TransferEventKind.Retransmission)
            .Count, report.Facts.Transfer.Single(one => one.Kind == TransferEventKind.MissingBytes).Before - 1));
        Golden.Matches(PathOf("transfer"),
            $"{Text(LadderDrawing.Draw(report, new LadderStyle { Width = 80 }), 80)}{Text(DiagnosisText.Rows(report, 80), 80)}");
    }

    [Fact]
    public void Times_and_little_room_look_like_this()
    {
        var report = Analysis.Report("erlang/wrong_cookie.pcap", Analysis.TrueCookies("erlang/wrong_cookie.pcap")).Handshakes[0];
        var silent = Analysis.Report("operators/freeze_acceptor_before_status.pcap",
            Analysis.TrueCookies("operators/freeze_acceptor_before_status.pcap")).Handshakes[0];
        var text = new StringBuilder();
        foreach (var width in (int[])[60, 80])
            foreach (var time in (LadderTime[])[LadderTime.Clock, LadderTime.Delta])
                text.Append(Text(LadderDrawing.Draw(report, new LadderStyle { Width = width, Time = time }), width)).Append('\n');
        foreach (var height in (int[])[12, 10, 7])
            foreach (var one in (JudgedHandshake[])[report, silent])
                text.Append(Text(LadderDrawing.Draw(one, new LadderStyle { Width = 80, Height = height }), 80)).Append('\n');
        foreach (var height in (int[])[6, 4, 3, 1]) text.Append(Text(DiagnosisText.Rows(report, 60, height), 60)).Append('\n');
        Golden.Matches(PathOf("times-and-heights"), text.ToString());
    }

    /// <summary>The drawing in every size, with the diagnosis below it, also in ASCII.</summary>
    private static string Everywhere(JudgedHandshake handshake)
    {
        var text = new StringBuilder();
        foreach (var width in (int[])[60, 80, 110, 160])
        {
            text.Append($"{width}\n").Append(Text(LadderDrawing.Draw(handshake, new LadderStyle { Width = width }), width))
                .Append(Text(DiagnosisText.Rows(handshake, width), width)).Append('\n');
            text.Append($"{width} ASCII\n")
                .Append(Text(LadderDrawing.Draw(handshake, new LadderStyle { Width = width, IsAscii = true }), width)).Append('\n');
        }
        return text.ToString();
    }

    private static string Text(IReadOnlyList<LadderRow> rows, int width) => Text(rows.Select(row => row.Runs), width);

    private static string Text(IEnumerable<IReadOnlyList<InkRun>> rows, int width)
    {
        var text = new StringBuilder();
        foreach (var line in rows.Select(runs => string.Concat(runs.Select(run => run.Text))))
        {
            Assert.True(CellText.Width(line) <= width, line);
            text.Append(line.TrimEnd()).Append('\n');
        }
        return text.ToString();
    }

    private static string PathOf(string name) => Path.Combine(Repository.Root, "tests/PcapAnalyzer.Reports.Tests/ladders", $"{name}.txt");
}
