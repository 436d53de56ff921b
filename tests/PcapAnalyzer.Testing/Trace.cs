using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Testing;

/// <summary>A TCP segment that a test can move, split and repeat.</summary>
public sealed record TracePacket(long Time, Endpoint Source, Endpoint Destination, uint Sequence, uint Acknowledgment, TcpFlags Flags,
    byte[] Payload)
{
    /// <summary>Payload bytes on the wire when a snapshot length cut the payload; otherwise 0.</summary>
    public int WireLength { get; init; }

    public bool IsClose => (Flags & (TcpFlags.Fin | TcpFlags.Rst)) != 0;

    public override string ToString() => $"{Source} > {Destination} {Flags} seq {Sequence} ack {Acknowledgment} length {Payload.Length}";

    public byte[] ToDatagram()
    {
        var tcp = FrameBuilder.Tcp(Source.Port, Destination.Port, Sequence, Acknowledgment, Flags, Payload);
        var isV6 = Source.Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
        var bytes = isV6 ? FrameBuilder.Ipv6(Source, Destination, tcp) : FrameBuilder.Ipv4(Source, Destination, tcp);
        if (WireLength > Payload.Length)
            System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(isV6 ? 4 : 2),
                (ushort)(bytes.Length - (isV6 ? 40 : 0) + WireLength - Payload.Length));
        return bytes;
    }
}

/// <summary>A capture as a list of segments.</summary>
public static class Trace
{
    /// <summary>The TCP segments of a capture in the repository.</summary>
    public static IReadOnlyList<TracePacket> Of(string relative)
    {
        var packets = new List<TracePacket>();
        var parser = new FrameParser();
        using var source = new Capture.CaptureFileSource(Path.Combine(Repository.Captures, relative), null);
        source.Read((in frame) =>
        {
            if (parser.Parse(frame, out var segment, out _) != FrameKind.Tcp) return;
            packets.Add(new TracePacket(frame.Time, segment.Source, segment.Destination, segment.Sequence, segment.Acknowledgment,
                segment.Flags, segment.Payload.ToArray())
            {
                WireLength = segment.Length > segment.Payload.Length ? segment.Length : 0,
            });
        }, CancellationToken.None);
        return packets;
    }

    public static CaptureReport Report(IEnumerable<TracePacket> packets, CookieRing ring, AnalyzerOptions? options = null) =>
        ReportBuilder.Build([new AnalyzedCapture(Cluster(packets, ring, options), null)]);

    public static ClusterView Cluster(IEnumerable<TracePacket> packets, CookieRing? ring = null, AnalyzerOptions? options = null)
    {
        var analyzer = new CaptureAnalysis(options ?? Analysis.Options, ring ?? CookieRing.Empty, new FrameParser(), null);
        long number = 0;
        foreach (var packet in packets)
        {
            var bytes = packet.ToDatagram();
            analyzer.Accept(new Frame(++number, packet.Time, LinkLayer.Raw, bytes,
                bytes.Length + Math.Max(0, packet.WireLength - packet.Payload.Length)));
        }
        analyzer.Finish();
        return analyzer.Cluster;
    }

    /// <summary>A report's content without what depends on segmentation: times, frame numbers, TCP counters.</summary>
    public static string Essence(CaptureReport report) => string.Join('\n', report.Handshakes.Select(Essence).Order());

    /// <summary>A proof as a report shows it.</summary>
    public static string Essence(Proof proof) =>
        $"{proof.By} {proof.Challenge} {Convert.ToHexStringLower(proof.Digest ?? [])} {proof.Scheme} {proof.Verdict} {proof.Cookie}";

    private static string Essence(JudgedHandshake handshake) =>
        $"{handshake.Initiator} {handshake.Acceptor} {handshake.Outcome} {handshake.Diagnosis.Code} {handshake.Diagnosis.Certainty} "
            + $"{handshake.Status}\n"
        + $"  {handshake.Connection.FirstLeft?.By} {handshake.Close} missing {handshake.Connection.MissingBytes} after "
            + $"{handshake.Connection.AfterInitiator} {handshake.Connection.AfterAcceptor}\n"
        + string.Concat(handshake.Messages.Select(message =>
            $"  {message.From} {message.Kind} {message.Message.Length} {message.Message.IsCut} {message.Message.IsConflicting} "
            + $"{string.Join(' ', message.Fields.Select(field => $"{field.Name} {field.Value.Text()}"))}\n"))
        + string.Concat(handshake.Proofs.Select(proof => $"  {Essence(proof)}\n"))
        + string.Concat(handshake.Facts.Anomalies.Select(odd => $"  {odd.Kind} {odd.By} {odd.Expected} {odd.Seen}\n"));
}
