using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Pipeline.Connections;

/// <summary>Puts one direction's segments into order. The first delivered copy of a byte wins; other copies are compared with it.</summary>
internal sealed class DirectionReassembler : IDisposable
{
    private readonly ConnectionLimits _limits;
    private readonly HeldBudget _budget;
    private readonly CopyConflicts _conflicts;
    private readonly HeldSegments _held;
    private CutRanges? _cut;
    private readonly SegmentEvents _events;
    private readonly OtherCopies _others;
    private (long From, long To, long Time) _again;

    internal DirectionReassembler(bool fromLow, ConnectionLimits limits, HeldBudget budget)
    {
        FromLow = fromLow;
        Buffer = new StreamBuffer(limits.MaxUnreadBytes);
        _limits = limits;
        _budget = budget;
        _conflicts = new CopyConflicts(limits.MaxHeldSegments);
        _held = new HeldSegments(budget, _conflicts);
        _events = new SegmentEvents(limits.MaxSegmentEvents);
        _others = new OtherCopies(limits.MaxOtherCopies, limits.MaxOtherBytes);
    }

    /// <summary>The lower endpoint of the flow key sends this direction.</summary>
    internal bool FromLow { get; }

    internal StreamBuffer Buffer { get; }

    /// <summary>Offset of the next byte to deliver.</summary>
    internal long ReceivedTo { get; private set; }

    /// <summary>Offset behind the last byte of all segments that came.</summary>
    internal long HighestTo { get; private set; }

    /// <summary>
    /// A segment of the peer is delivered if it acknowledges no more than this. While the start is awaited, held bytes do not count.
    /// </summary>
    private long Reached => Started || _held.Count == 0 ? ReceivedTo : Math.Min(ReceivedTo, _held.First.Offset);

    /// <summary>The place of the first byte is known: the SYN told it, or was given up.</summary>
    internal bool Started { get; private set; }

    /// <summary>The bytes before the first delivered one were probably not captured.</summary>
    internal bool StartMissing { get; private set; }

    internal int Retransmissions { get; private set; }

    /// <summary>Segments that the capture holds twice, which are no retransmissions.</summary>
    internal int Copies { get; private set; }

    internal int OutOfOrder { get; private set; }

    internal int Overlaps { get; private set; }

    internal long MissingBytes { get; private set; }

    /// <summary>Ranges that were sent twice with different content.</summary>
    internal IReadOnlyList<(long From, long To)> Conflicts => _conflicts.Ranges;

    internal IReadOnlyList<SegmentEvent> Events => _events.All;

    /// <summary>Segments that lost against a copy that came before them.</summary>
    internal IReadOnlyList<OtherCopy> OtherCopies => _others.All;

    /// <summary>Segments that came early.</summary>
    internal HeldSegments Held => _held;

    internal bool IsHolding => _held.Count > 0;

    internal bool IsOverLimit => _held.Bytes > _limits.MaxHeldBytes || _held.Count > _limits.MaxHeldSegments || _budget.Exceeded;

    /// <summary>A reassembler of the same direction that has no bytes yet and knows where they start.</summary>
    internal DirectionReassembler Empty()
    {
        var empty = new DirectionReassembler(FromLow, _limits, _budget);
        empty.Start();
        return empty;
    }

    /// <summary>The SYN was seen: the stream starts at offset 0.</summary>
    internal void Start()
    {
        if (Started) return;
        Started = true;
        Buffer.Restart(0);
    }

    /// <summary>Offset 0 was guessed, and moves by <paramref name="by"/> bytes.</summary>
    internal void Shift(long by)
    {
        _held.Shift(by);
        _cut?.Shift(by);
        HighestTo += by;
    }

    /// <summary>The peer's offset 0 was guessed, and moves by <paramref name="by"/> bytes.</summary>
    internal void ShiftPeer(long by) => _held.ShiftPeer(by);

    /// <summary>Takes a segment's payload.</summary>
    /// <param name="reader">Takes the bytes that are next, and compares copies of those that the buffer no longer holds.</param>
    /// <param name="frame">The frame that carries it.</param>
    /// <param name="segment">The segment.</param>
    /// <param name="offset">Stream offset of its first byte.</param>
    /// <param name="acknowledges">The peer's stream offset that it acknowledges.</param>
    /// <param name="acknowledged">Highest offset of this stream that the peer acknowledged.</param>
    /// <param name="peer">The other direction.</param>
    /// <returns>True when bytes were delivered.</returns>
    internal bool Add(
        IStreamReader reader, in Frame frame, in TcpSegment segment, long offset, long acknowledges, long acknowledged,
            DirectionReassembler peer)
    {
        var conflicts = _conflicts.Count;
        var delivers = Place(reader, frame, segment, offset, acknowledges, acknowledged, peer);
        if (_conflicts.Count == conflicts) return delivers;
        _others.Add(offset, segment.Payload, frame.Number, frame.Time);
        _events.Add(TransferEventKind.DifferentCopy, frame, ReceivedTo);
        return delivers;
    }

    /// <inheritdoc cref="Add"/>
    private bool Place(
        IStreamReader reader, in Frame frame, in TcpSegment segment, long offset, long acknowledges, long acknowledged,
            DirectionReassembler peer)
    {
        var bytes = segment.Payload;
        var end = offset + segment.Length;
        if (bytes.Length < segment.Length) (_cut ??= new CutRanges(_limits.MaxHeldSegments)).Add(offset + bytes.Length, end);
        var isLate = offset < HighestTo;
        var conflicts = _conflicts.Count;
        HighestTo = Math.Max(HighestTo, end);
        if (Started && offset < ReceivedTo)
        {
            // A keep-alive resends the last byte, or garbage in its place (RFC 9293, 3.8.4): not data.
            if (segment.Length == 1 && end == ReceivedTo && end <= acknowledged) return false;
            if (offset < Buffer.Start) reader.OnAgain(FromLow, offset, bytes[..(int)Math.Min(bytes.Length, Buffer.Start - offset)]);
            _conflicts.Compare(Buffer.At(offset, segment.Length), Math.Max(offset, Buffer.Start), bytes, offset);
            if (end <= ReceivedTo)
            {
                NoteAgain(frame, offset, end, Buffer.Brought(offset, end, most: 0).Time, _conflicts.Count > conflicts);
                return false;
            }
            Overlaps++;
            bytes = bytes.Length > ReceivedTo - offset ? bytes[(int)(ReceivedTo - offset)..] : default;
            offset = ReceivedTo;
        }
        if (bytes.IsEmpty) return false;
        var isNext = Started && offset == ReceivedTo && acknowledges <= peer.Reached;
        var passes = isNext && _held.Count == 0 && _cut is not { IsEmpty: false } && !segment.Has(TcpFlags.Syn);
        var isNew = passes || _held.Add(frame, bytes, offset, acknowledges, segment.Has(TcpFlags.Syn), isNext);
        if (!isNew) NoteAgain(frame, offset, end, _held.LatestTime(offset, end), _conflicts.Count > conflicts);
        if (isNew && isLate)
        {
            OutOfOrder++;
            _events.Add(TransferEventKind.OutOfOrder, frame, ReceivedTo);
        }
        if (passes) Deliver(reader, bytes, frame.Number, frame.Time);
        return passes;
    }

    /// <summary>Counts bytes that are all here already: a copy that the capture made, or a retransmission.</summary>
    private void NoteAgain(in Frame frame, long from, long to, long brought, bool isOther)
    {
        if (!isOther && (Connection.IsSameMoment(frame.Time, brought)
            || (_again.From == from && _again.To == to && Connection.IsSameMoment(frame.Time, _again.Time))))
        {
            Copies++;
            return;
        }
        _again = (from, to, frame.Time);
        Retransmissions++;
        if (!isOther) _events.Add(TransferEventKind.Retransmission, frame, ReceivedTo);
    }

    /// <summary>Delivers held segments that are next, if the peer's bytes that they acknowledge were delivered.</summary>
    /// <returns>False when nothing could be delivered.</returns>
    internal bool Deliver(IStreamReader reader, DirectionReassembler peer, long acknowledged)
    {
        var any = false;
        while (Started)
        {
            if (_cut?.LengthAt(ReceivedTo, _held.Count > 0 ? _held.First.Offset : long.MaxValue) is > 0 and var cut)
            {
                Skip(reader, cut);
                any = true;
                continue;
            }
            if (_held.Count == 0 || _held.First.Offset > ReceivedTo) break;
            var head = _held.First;
            if (head.Acknowledges > peer.Reached || (head.InSyn && acknowledged <= head.Offset)) break;
            Take(reader, head);
            any = true;
        }
        return any;
    }

    /// <summary>Gives up waiting for a SYN: the stream starts with the first held byte.</summary>
    /// <returns>False when it was not waiting for a SYN.</returns>
    internal bool GiveUpStart()
    {
        if (Started || _held.Count == 0) return false;
        StartAt(_held.First.Offset);
        return true;
    }

    /// <summary>The held bytes stand behind a hole.</summary>
    internal bool IsBehindHole => _held.Count > 0 && _held.First.Offset > ReceivedTo;

    /// <summary>Offset of the first byte held.</summary>
    internal long FirstHeld => _held.First.Offset;

    /// <summary>The frame that brought it.</summary>
    internal long FirstHeldFrame => _held.First.Frame;

    /// <summary>Gives up the hole in front of the held bytes.</summary>
    /// <returns>False when there is none.</returns>
    internal bool GiveUpHole(IStreamReader reader)
    {
        if (!IsBehindHole) return false;
        Skip(reader, _held.First.Offset - ReceivedTo);
        return true;
    }

    /// <summary>Forgets the held bytes.</summary>
    internal void Drop() => _held.Clear();

    /// <summary>Gives up the peer's bytes that the first held segment acknowledges, or data in a SYN that nobody acknowledged.</summary>
    /// <returns>The peer's offset up to which bytes are missing.</returns>
    internal long GiveUpPeer()
    {
        if (_held.Count == 0) return long.MinValue;
        var head = _held.First;
        // Data in a SYN counts if its sender sent what follows it, and did not send it again.
        if (head.InSyn && _held.Count == 1) _held.RemoveFirst();
        else _held.ReleaseFirst();
        return head.Acknowledges;
    }

    /// <summary>
    /// Reports the bytes up to <paramref name="offset"/> as missing: the peer acknowledged them and they were not captured.
    /// </summary>
    internal void SkipTo(IStreamReader reader, long offset)
    {
        if (_held.Count > 0) offset = Math.Min(offset, _held.First.Offset);
        if (!Started) StartAt(ReceivedTo);
        if (offset > ReceivedTo) Skip(reader, offset - ReceivedTo);
    }

    public void Dispose()
    {
        _held.Clear();
        Buffer.Dispose();
    }

    private void StartAt(long offset)
    {
        Started = StartMissing = true;
        ReceivedTo = offset;
        Buffer.Restart(offset);
    }

    private void Skip(IStreamReader reader, long length)
    {
        MissingBytes += length;
        reader.OnGap(this, length);
        ReceivedTo += length;
        Buffer.Restart(ReceivedTo);
    }

    private void Take(IStreamReader reader, HeldSegment head)
    {
        Deliver(reader, _held.BytesOf(head)[(int)Math.Min(ReceivedTo - head.Offset, head.Length)..], head.Frame, head.Time);
        _held.RemoveFirst();
    }

    /// <summary>Delivers bytes that are next.</summary>
    internal void Deliver(IStreamReader reader, ReadOnlySpan<byte> bytes, long frame, long time)
    {
        while (!bytes.IsEmpty)
        {
            if (Buffer.Room == 0) Buffer.Restart(ReceivedTo); // a reader that takes nothing loses its oldest bytes
            var part = bytes[..Math.Min(bytes.Length, Buffer.Room)];
            Buffer.Append(part, frame, time);
            ReceivedTo += part.Length;
            bytes = bytes[part.Length..];
            reader.OnBytes(this);
        }
    }
}
