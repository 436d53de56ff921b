using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Pipeline.Readers;

/// <summary>
/// Reads a handshake again with other copies of bytes that were sent twice. The first copy counts, unless what both sides said elsewhere
/// fits another one better: then the first was forged, or died on its way.
/// </summary>
internal static class OtherReadings
{
    /// <returns>The reading that most of the undisputed messages bear out; the given one where none is better.</returns>
    internal static HandshakeReading Best(HandshakeReading first, Reassembly reassembly, WatchedConnection connection,
        IHandshakeProtocol protocol, bool fromLow, ReaderLimits limits)
    {
        var (low, high) = (reassembly.Of(true), reassembly.Of(false));
        List<(bool FromLow, OtherCopy Copy)> copies =
            [.. low.OtherCopies.Select(one => (true, one)), .. high.OtherCopies.Select(one => (false, one))];
        // Where bytes are missing, or were dropped by now, there is nothing to read again.
        if (copies.Count == 0 || !IsWhole(low) || !IsWhole(high)) return first;
        var (best, most) = (first, first.Recorder.BorneOut(low.Conflicts, high.Conflicts));
        // All copies that came later, as a host that ignored the first ones; else each by itself.
        foreach (var some in copies.Select(one => (IReadOnlyList<(bool, OtherCopy)>)[one]).Prepend(copies))
        {
            var other = Read(some, reassembly, connection, protocol, fromLow, limits);
            var fits = other.IsWithdrawn ? int.MinValue : other.Recorder.BorneOut(low.Conflicts, high.Conflicts);
            if (fits > most) (best, most) = (other, fits);
        }
        if (best != first) best.Recorder.CountAsSettled(low, high);
        return best;
    }

    private static bool IsWhole(DirectionReassembler stream) => stream is { StartMissing: false, MissingBytes: 0, Buffer.Start: 0 };

    private static HandshakeReading Read(IReadOnlyList<(bool FromLow, OtherCopy Copy)> copies, Reassembly reassembly,
        WatchedConnection connection, IHandshakeProtocol protocol, bool fromLow, ReaderLimits limits)
    {
        var reading = new HandshakeReading(protocol, new HandshakeRecorder(connection, limits), isOtherRejected: false, fromLow, limits);
        var sink = new Sink(reading);
        using var low = reassembly.Of(true).Empty();
        using var high = reassembly.Of(false).Empty();
        var pieces = Pieces(reassembly.Of(true), copies).Concat(Pieces(reassembly.Of(false), copies));
        foreach (var (isLow, bytes, frame, time) in pieces.OrderBy(piece => piece.Frame))
            if (!reading.IsOver) (isLow ? low : high).Deliver(sink, bytes, frame, time);
        if (!reading.IsOver) reading.Read(low, isAll: true);
        if (!reading.IsOver) reading.Read(high, isAll: true);
        return reading;
    }

    /// <summary>A direction's bytes with the copies in their places, cut where another frame brought them.</summary>
    private static List<(bool FromLow, byte[] Bytes, long Frame, long Time)> Pieces(DirectionReassembler stream,
        IReadOnlyList<(bool FromLow, OtherCopy Copy)> copies)
    {
        var length = (int)(stream.Buffer.End - stream.Buffer.Start);
        var bytes = stream.Buffer.At(0, length).ToArray();
        var brought = new (long Frame, long Time)[length];
        var at = 0;
        foreach (var (end, frame, time) in stream.Buffer.Pieces)
            for (; at < end; at++) brought[at] = (frame, time);
        foreach (var (fromLow, copy) in copies)
        {
            if (fromLow != stream.FromLow) continue;
            for (var i = 0; i < copy.Bytes.Length; i++)
            {
                if (copy.Offset + i is not (>= 0 and var place) || place >= length) continue;
                bytes[place] = copy.Bytes[i];
                brought[place] = (copy.Frame, copy.Time);
            }
        }
        var pieces = new List<(bool, byte[], long, long)>();
        for (var from = 0; from < length;)
        {
            var to = from + 1;
            while (to < length && brought[to].Frame == brought[from].Frame) to++;
            pieces.Add((stream.FromLow, bytes[from..to], Math.Max(brought[from].Frame, pieces.Count > 0 ? pieces[^1].Item3 : 0),
                brought[from].Time));
            from = to;
        }
        return pieces;
    }

    /// <summary>Reads the bytes as they are delivered.</summary>
    private sealed class Sink(HandshakeReading reading) : IStreamReader
    {
        public bool IsFollowing => true;

        public void OnBytes(DirectionReassembler stream) => reading.Read(stream);

        public void OnGap(DirectionReassembler stream, long length) => reading.ReadGap(stream, length);

        public void OnEnd()
        {
        }
    }
}
