using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Testing;

namespace PcapAnalyzer.Benchmarks;

/// <summary>Frames in memory for the benchmarks of single layers.</summary>
internal static class Frames
{
    private static readonly TcpTemplate Template = new();

    internal static CookieRing Ring { get; } = new([Cookie.FromText("secret", CaptureShape.Cookie)]);

    internal static IHandshakeProtocol Protocol(HandshakeKind kind) =>
        HandshakeProtocols.All.Single(protocol => protocol.Name.Equals(kind.ToString(), StringComparison.OrdinalIgnoreCase));

    internal static HandshakeScript Handshake(HandshakeKind kind, ushort port) =>
        HandshakeScript.Of(kind, new TcpPeers(0x0A400001, port, 0x0A400002, CaptureShape.ErlangPort), "a@h", "b@h", 42,
            CaptureShape.Cookie);

    /// <summary>From the initiator.</summary>
    internal static byte[] Of(TcpPeers peers, uint sequence, TcpFlags flags, byte[] payload)
    {
        var frame = new byte[TcpTemplate.Headers + payload.Length];
        Template.Fill(frame, peers, true, sequence, 1, flags, payload);
        return frame;
    }

    internal static List<byte[]> Of(HandshakeScript script)
    {
        var frames = new List<byte[]>();
        var (initiator, acceptor) = (1000u, 9000u);
        foreach (var (fromInitiator, flags, payload) in script.Lines)
        {
            ref var own = ref fromInitiator ? ref initiator : ref acceptor;
            var frame = new byte[TcpTemplate.Headers + payload.Length];
            Template.Fill(frame, script.Peers, fromInitiator, own, fromInitiator ? acceptor : initiator, flags, payload);
            own += (uint)payload.Length + ((flags & (TcpFlags.Syn | TcpFlags.Fin)) == 0 ? 0u : 1);
            frames.Add(frame);
        }
        return frames;
    }

    internal static IEnumerable<ScriptLine> ByteByByte(ScriptLine line) =>
        line.Payload.Length == 0 ? [line] : line.Payload.Select(value => line with { Payload = [value] });

    internal static ClusterView Cluster(List<byte[]> frames)
    {
        var analyzer = new CaptureAnalysis(Analysis.Options, Ring, new FrameParser(), null);
        for (var i = 0; i < frames.Count; i++) analyzer.Accept(new Frame(i + 1, i * 1000L, LinkLayer.En10Mb, frames[i], frames[i].Length));
        analyzer.Finish();
        return analyzer.Cluster;
    }
}
