using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Pipeline.Readers.Sessions;

/// <summary>
/// Puts a direction's segments into order for a reader that skips most bytes: what would only be skipped is not waited for.
/// </summary>
internal sealed class EarlySegments
{
    /// <summary>Holes in bodies that are skipped: the bytes may come yet.</summary>
    private const int MaxHoles = 64;

    private HeldSegments? _held;
    private List<(long From, long To)>? _holes;
    private long _ackedBeyond;
    private int _stuck;

    internal bool IsHolding => _held is { Count: > 0 };

    internal HeldSegments? Held => _held;

    /// <summary>Bytes of holes in skipped bodies that have not come.</summary>
    internal long HoleBytes => _holes?.Sum(hole => hole.To - hole.From) ?? 0;

    internal void Hold(in Frame frame, ReadOnlySpan<byte> bytes, long offset, HeldBudget budget)
    {
        _held ??= new HeldSegments(budget, new CopyConflicts(1));
        _held.Add(frame, bytes, offset, acknowledges: 0, inSyn: false, isNext: false);
    }

    /// <summary>Notes a hole in a body.</summary>
    /// <returns>False when there are too many.</returns>
    internal bool AddHole(long from, long to)
    {
        _holes ??= [];
        if (_holes.Count >= MaxHoles) return false;
        _holes.Add((from, to));
        return true;
    }

    /// <summary>Bytes came late.</summary>
    /// <returns>How many of them fill holes.</returns>
    internal long Fill(long from, long to)
    {
        if (_holes == null || _holes.Count == 0) return 0;
        var filled = 0L;
        for (var i = _holes.Count - 1; i >= 0; i--)
        {
            var hole = _holes[i];
            var (a, b) = (Math.Max(hole.From, from), Math.Min(hole.To, to));
            if (a >= b) continue;
            filled += b - a;
            _holes.RemoveAt(i);
            if (hole.From < a) _holes.Add((hole.From, a));
            if (b < hole.To) _holes.Add((b, hole.To));
        }
        return filled;
    }

    /// <summary>The peer acknowledged more than was read: what is missing will not be sent again.</summary>
    internal void NoteAcknowledged(bool isBeyond, long time)
    {
        if (!isBeyond) (_ackedBeyond, _stuck) = (0, 0);
        else if (_ackedBeyond == 0) _ackedBeyond = time;
    }

    /// <summary>When the peer acknowledged the bytes that are missing; 0 where it did not.</summary>
    internal long AcknowledgedAt => _ackedBeyond;

    /// <summary>A hole has been waited for long enough.</summary>
    internal bool GivesUp(long now, ConnectionLimits limits)
    {
        if (_held!.Bytes > limits.MaxHeldBytes || _held.Count > limits.MaxHeldSegments) return true;
        if (_ackedBeyond == 0) return false;
        return ++_stuck > limits.HoleSegments || now - _ackedBeyond >= limits.HoleTimeout;
    }

    internal void Clear()
    {
        _held?.Clear();
        _held = null;
    }
}
