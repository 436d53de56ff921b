using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Reports.Tests;

/// <summary>A report without a handshake names the reason that its packets show, and no other.</summary>
public sealed class EmptyReasonTests
{
    private static readonly byte[] Segment = new Playbook().Syn().Packets[0].ToDatagram();

    private static string Text(params (LinkLayer Link, byte[] Bytes, int Wire)[] frames)
    {
        var analysis = new CaptureAnalysis(Analysis.Options, CookieRing.Empty, new FrameParser(), new PacketDotNetParser());
        var number = 0;
        foreach (var (link, bytes, wire) in frames) analysis.Accept(new Frame(++number, number, link, bytes, Math.Max(wire, bytes.Length)));
        analysis.Finish();
        var source = new CaptureSource { Kind = "file", Name = "test", LinkTypes = [], Packets = number, Bytes = 0, Problems = [] };
        return Analysis.Text(ReportBuilder.Build([new AnalyzedCapture(analysis.Cluster, source)]));
    }

    private static (LinkLayer, byte[], int)[] Frames(IEnumerable<TracePacket> packets) =>
        [.. packets.Select(packet => (LinkLayer.Raw, packet.ToDatagram(), 0))];

    [Fact]
    public void A_capture_without_packets_says_so() => Assert.StartsWith("The capture holds no packet: was the interface right", Text(),
        StringComparison.Ordinal);

    [Fact]
    public void A_capture_of_other_protocols_says_it_holds_no_TCP() =>
        Assert.StartsWith("The capture holds no TCP segment: was the interface right",
            Text((LinkLayer.En10Mb, FrameBuilder.Ethernet(0x0806, new byte[28]), 0)), StringComparison.Ordinal);

    [Fact]
    [HardCase("headers cut by a snapshot length")]
    public void Cut_headers_are_not_reported_as_missing_TCP()
    {
        var text = Text((LinkLayer.Raw, Segment[..30], 40), (LinkLayer.Raw, Segment[..30], 40));
        Assert.StartsWith("2 of 2 packets are cut within the headers: capture whole packets (tcpdump -s 0).", text,
            StringComparison.Ordinal);
        Assert.DoesNotContain("no TCP segment", text, StringComparison.Ordinal);
    }

    [Fact]
    [HardCase("links, tunnels and encryption that are not opened")]
    public void What_was_not_opened_is_named_with_its_packets()
    {
        var esp = FrameBuilder.Ipv4(Endpoint.FromIpv4(1, 0), Endpoint.FromIpv4(2, 0), new byte[40], 50);
        var text = Text((LinkLayer.Raw, esp, 0), (LinkLayer.Raw, esp, 0), (LinkLayer.En10Mb, FrameBuilder.Ethernet(0x88B5, new byte[46]),
            0), (LinkLayer.En10Mb, FrameBuilder.Ethernet(0x0806, new byte[28]), 0));
        Assert.StartsWith("3 packets of 4 may hold TCP that is not read here: 2 encrypted ESP, 1 EtherType 0x88b5.", text,
            StringComparison.Ordinal);
        Assert.Contains("3 packets could not be decoded: 3 unsupported (2 encrypted ESP, 1 EtherType 0x88b5).", text,
            StringComparison.Ordinal);
        Assert.DoesNotContain("no TCP segment", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_kinds_are_named_up_to_a_number()
    {
        var text =
            Text([.. Enumerable.Range(0x7000, 8).Select(type => (LinkLayer.En10Mb, FrameBuilder.Ethernet((ushort)type, new byte[46]), 0))]);
        Assert.Contains("1 EtherType 0x7004, 3 of other kinds.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Conversations_from_their_SYN_on_need_no_earlier_capture()
    {
        var play = new Playbook(acceptor: "10.0.0.2:5672").Connect().Initiator("AMQP\0\0\u0009\u0001"u8.ToArray()).Acceptor(new byte[20]);
        var text = Text(Frames(play.Packets));
        Assert.StartsWith("Every conversation was captured from its SYN on, and in none did a node speak", text, StringComparison.Ordinal);
        Assert.Contains("Port 5672 is RabbitMQ's client port", text, StringComparison.Ordinal);
        Assert.DoesNotContain("capture from before", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_conversation_without_its_SYN_may_have_had_its_handshake_before()
    {
        var play = new Playbook().Connect().Initiator(new byte[20]).Acceptor(new byte[20]);
        var text = Text(Frames(play.Packets.Skip(3)));
        Assert.StartsWith("A handshake is the first thing on a connection: capture from before the nodes connect", text,
            StringComparison.Ordinal);
        Assert.DoesNotContain("Port ", text, StringComparison.Ordinal);
    }
}
