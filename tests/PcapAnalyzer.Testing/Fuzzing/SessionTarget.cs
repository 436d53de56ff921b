using System.Buffers.Binary;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Testing.Fuzzing;

/// <summary>
/// Plays what both nodes of a session send, once whole and once split into other segments. Nothing may be counted that was not sent.
/// </summary>
/// <remarks>
/// The first byte selects the split as in <see cref="TalkTarget"/>. Bit 0 of the second begins the capture in the middle of the session;
/// else an acknowledged handshake comes first. Turns follow, each with a u16: bit 15 the acceptor sends, bit 14 wait nine seconds first,
/// bit 13 close after, bit 12 reset after, bit 11 the capture lacks it, bit 10 it comes twice; the low bits are the length.
/// </remarks>
internal static class SessionTarget
{
    private const long Wait = 9_000_000_000;
    private const int LengthBits = 10;
    private const int ShortestFrame = 4;

    /// <summary>With so many it is not known what others there would be.</summary>
    private const int MostNotices = 64;

    private static readonly Endpoint Initiator = Endpoint.FromIpv4(0x0A000001, 50000);
    private static readonly Endpoint Acceptor = Endpoint.FromIpv4(0x0A000002, 4400);

    internal static readonly Playbook Erlang = new Playbook().Erlang("a@h1", "b@h2");
    internal static readonly Playbook Ractor = new Playbook().Handshake("a@h1", "b@h2", "right");

    internal static void Run(Playbook handshake, ReadOnlySpan<byte> input)
    {
        if (input.Length < 2) return;
        var isWhole = (input[1] & 1) == 0;
        var whole = Play(isWhole ? handshake : null, input[2..], TalkTarget.InWhole);
        var cut = Play(isWhole ? handshake : null, input[2..], TalkTarget.PiecesOf(input[0]));
        // A side that is no longer followed goes on at a message that begins a segment: then the split matters.
        if (!isWhole || whole.IsLost || cut.IsLost) return;
        TalkTarget.CheckSame(whole.Says, cut.Says);
    }

    private static (string Says, bool IsLost) Play(Playbook? handshake, ReadOnlySpan<byte> turns, int[] pieces)
    {
        var check = new ReportCheck(isWritten: pieces == TalkTarget.InWhole);
        var wire = new Wire(Initiator, Acceptor, 1_700_000_000_000_000_000, check);
        if (handshake != null) wire.Connect();
        foreach (var packet in (handshake?.Packets ?? []).Where(packet => packet.Payload.Length > 0))
            wire.Say(packet.Source == handshake!.Packets[0].Source, packet.Payload, TalkTarget.InWhole);
        var sent = new long[2];
        var hasClosed = new bool[2];
        var isLost = false;
        while (turns.Length >= 2)
        {
            int control = BinaryPrimitives.ReadUInt16BigEndian(turns);
            var said = turns.Slice(2, Math.Min(control & ((1 << LengthBits) - 1), turns.Length - 2));
            turns = turns[(2 + said.Length)..];
            var fromInitiator = (control & 0x8000) == 0;
            var side = fromInitiator ? 0 : 1;
            if (hasClosed[side]) continue;
            if ((control & 0x4000) != 0) wire.Wait(Wait);
            if ((control & 0x0800) != 0) wire.Lose(fromInitiator, said.Length);
            else wire.Say(fromInitiator, said, pieces, isTwice: (control & 0x0400) != 0);
            isLost |= (control & 0x0C00) != 0;
            sent[side] += said.Length;
            hasClosed[side] = (control & 0x2000) != 0;
            if (hasClosed[side]) wire.Packet(fromInitiator, TcpFlags.Fin | TcpFlags.Ack, default);
            if ((control & 0x1000) == 0) continue;
            wire.Packet(fromInitiator, TcpFlags.Rst | TcpFlags.Ack, default);
            break;
        }
        var sessions = check.Finish().Facts.Sessions.ToList();
        FuzzFailure.Unless(handshake == null ? sessions.Count <= 1 : sessions.Count == 1, $"{sessions.Count} sessions");
        foreach (var session in sessions)
        {
            var isDialled = session.Initiator == Initiator;
            CheckCounts(session.FromInitiator, sent[isDialled ? 0 : 1], isAll: handshake != null && !isLost);
            CheckCounts(session.FromAcceptor, sent[isDialled ? 1 : 0], isAll: handshake != null && !isLost);
            isLost |= session.Notices.Count >= MostNotices
                || session.Notices.Any(one => one.Kind is SessionNoticeKind.Malformed or SessionNoticeKind.FrameTooLarge);
        }
        return (string.Concat(sessions.Select(Essence)), isLost);
    }

    /// <param name="side">What was counted.</param>
    /// <param name="sent">The bytes that the side sent.</param>
    /// <param name="isAll">Whether all of them were captured.</param>
    private static void CheckCounts(SessionSide side, long sent, bool isAll)
    {
        FuzzFailure.Unless(isAll ? (side.Bytes, side.Missing) == (sent, 0) : side.Bytes + side.Missing <= sent,
            $"{side.Bytes} bytes and {side.Missing} missing of {sent}");
        FuzzFailure.Unless(side.Largest <= sent && ShortestFrame * (side.Ticks + side.Messages) <= sent,
            $"{side.Ticks} ticks, {side.Messages} messages, the largest {side.Largest}, in {sent} bytes");
        FuzzFailure.Unless(side.Operations.Values.Sum() <= side.Messages && side.Destinations.Values.Sum() <= side.Messages,
            $"{side.Messages} messages have too many operations or destinations");
    }

    /// <summary>What does not depend on the segments.</summary>
    private static string Essence(Session session) => $"{Essence(session.FromInitiator)}\n{Essence(session.FromAcceptor)}\n"
        + string.Concat(session.Notices.Select(one => $"{one.Kind} {one.By} {one.Time} {one.Name} {one.Other} {one.Value}\n"));

    private static string Essence(SessionSide side) =>
        $"{side.Node} {side.Ticks} {side.Messages} {side.Bytes} {side.Largest} {side.MostFragments} {side.FirstFrameTime} "
            + $"{side.LastFrameTime} {side.LongestSilence} {side.IsCut} {side.UnansweredPing} "
        + $"{string.Join(' ', side.Operations)} {string.Join(' ', side.Destinations)} {side.End?.By} {side.End?.IsReset}";
}
