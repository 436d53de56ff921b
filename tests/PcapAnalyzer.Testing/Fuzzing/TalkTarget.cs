using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Testing.Fuzzing;

/// <summary>Plays what both sides of a connection send, once whole and once split into other segments. The reports must agree.</summary>
/// <remarks>
/// The first byte selects the split: 0 for single bytes, otherwise piece lengths from its bits. Turns follow, each with a u16:
/// bit 15 the acceptor sends, bit 14 wait nine seconds first, bit 13 close after, bit 12 reset after; the low bits are the length.
/// </remarks>
internal static class TalkTarget
{
    private const long Wait = 9_000_000_000;
    private const int LengthBits = 12;

    private static readonly Endpoint Initiator = Endpoint.FromIpv4(0x0A000001, 50000);
    private static readonly Endpoint Acceptor = Endpoint.FromIpv4(0x0A000002, 4400);
    internal static readonly int[] InWhole = [int.MaxValue];

    internal static void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return;
        CheckSame(Report(input[1..], InWhole), Report(input[1..], PiecesOf(input[0])));
    }

    private static CaptureReport Report(ReadOnlySpan<byte> turns, int[] pieces)
    {
        var check = new ReportCheck(isWritten: pieces == InWhole);
        Play(turns, pieces, Acceptor, check);
        return check.Finish().Report;
    }

    /// <summary>
    /// Checks that both reports agree. After a direction stops being messages, segment boundaries may show where the next
    /// message starts, so then only the losses must agree.
    /// </summary>
    internal static void CheckSame(CaptureReport whole, CaptureReport cut)
    {
        if (whole.Handshakes.Count == cut.Handshakes.Count) CheckSame(LossesIn(whole), LossesIn(cut));
        if (LossesIn(whole).Length + LossesIn(cut).Length == 0) CheckSame(Trace.Essence(whole), Trace.Essence(cut));
    }

    internal static void CheckSame(string whole, string cut) =>
        FuzzFailure.Unless(whole == cut, $"in whole segments\n{whole}\nand cut\n{cut}");

    private static string LossesIn(CaptureReport report) => string.Concat(
        report.Handshakes.Select(handshake => handshake.Facts.Anomalies.FirstOrDefault(odd => odd.Kind is AnomalyKind.FrameTooLarge
            or AnomalyKind.TlsRecord)).OfType<Anomaly>().Select(odd => $"{odd.Kind} {odd.By} {odd.Expected} {odd.Seen}\n"));

    /// <returns>The time at the end.</returns>
    internal static long Play(ReadOnlySpan<byte> turns, int[] pieces, Endpoint acceptor, ReportCheck check)
    {
        var wire = new Wire(Initiator, acceptor, 1_700_000_000_000_000_000, check);
        wire.Connect();
        var hasClosed = new bool[2];
        while (turns.Length >= 2)
        {
            int control = System.Buffers.Binary.BinaryPrimitives.ReadUInt16BigEndian(turns);
            var length = Math.Min(control & ((1 << LengthBits) - 1), turns.Length - 2);
            var said = turns.Slice(2, length);
            turns = turns[(2 + length)..];
            var fromInitiator = (control & 0x8000) == 0;
            ref var isOver = ref hasClosed[fromInitiator ? 0 : 1];
            if (isOver) continue;
            if ((control & 0x4000) != 0) wire.Wait(Wait);
            wire.Say(fromInitiator, said, pieces);
            isOver = (control & 0x2000) != 0;
            if (isOver) wire.Packet(fromInitiator, TcpFlags.Fin | TcpFlags.Ack, default);
            if ((control & 0x1000) == 0) continue;
            wire.Packet(fromInitiator, TcpFlags.Rst | TcpFlags.Ack, default);
            break;
        }
        return wire.Time;
    }

    internal static int[] PiecesOf(byte seed) => seed == 0 ? [1]
        : [1 + (seed & 7), 1 + (seed >> 3 & 7), 1 + (seed >> 6) * 5, 1 + (seed & 31)];
}

/// <summary>Plays an EPMD conversation, whole and split, and the connection that its answer may lead to.</summary>
internal static class EpmdTarget
{
    private static readonly Endpoint Epmd = Endpoint.FromIpv4(0x0A000002, 4369);

    internal static void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return;
        var whole = Facts(input[1..], TalkTarget.InWhole);
        var cut = Facts(input[1..], TalkTarget.PiecesOf(input[0]));
        TalkTarget.CheckSame(whole.Said, cut.Said);
        TalkTarget.CheckSame(whole.Report, cut.Report);
    }

    private static (CaptureReport Report, string Said) Facts(ReadOnlySpan<byte> turns, int[] pieces)
    {
        var check = new ReportCheck(isWritten: pieces == TalkTarget.InWhole);
        var end = TalkTarget.Play(turns, pieces, Epmd, check);
        var wire = new Wire(Endpoint.FromIpv4(0x0A000001, 50001), Endpoint.FromIpv4(0x0A000002, 9100), end, check);
        wire.Connect();
        wire.Say(true, ErlangBytes.Name("b@h"), TalkTarget.InWhole);
        wire.Say(false, [.. ErlangBytes.Status(), .. ErlangBytes.Challenge("hare@h", 42)], TalkTarget.InWhole);
        wire.Packet(true, TcpFlags.Rst | TcpFlags.Ack, default);
        var (report, facts) = check.Finish();
        return (report, string.Concat(facts.EpmdExchanges.Select(one =>
            $"{one.Request} {one.Name} {one.Port} {one.IsSuccess} {one.Versions} {string.Join(' ', one.Names)} {one.IsUnanswered}\n"))
            + string.Concat(report.Handshakes.Select(one => $"{one.Lookup?.Name} "))
            + string.Concat(report.Findings.Select(one => $"{one.Code.Kebab()} {one.Summary} ")));
    }
}
