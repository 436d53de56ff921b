using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Pipeline.Readers.Sessions;

/// <summary>How many fragments the largest message of a direction came in, and how long it took.</summary>
internal sealed class FragmentCounts
{
    private (ulong Sequence, long Count, long Since) _open;
    private (long Count, long Took) _largest;

    internal long Most => Math.Max(_largest.Count, _open.Count);

    /// <summary>How long (ns) the largest took, one under way until <paramref name="now"/>.</summary>
    internal long Took(long now) => Math.Max(_largest.Took, _open.Count == 0 ? 0 : now - _open.Since);

    /// <summary>The first fragment tells how many there are; others of the same message count down to 1.</summary>
    internal void Note(in SessionMessage message, long time)
    {
        if (message.Kind == SessionMessageKind.Message)
        {
            if (message.FragmentsLeft > _open.Count) _open = (message.Sequence, message.FragmentsLeft, time);
            return;
        }
        if (message.Sequence != _open.Sequence || message.FragmentsLeft != 1) return;
        if (_open.Count > _largest.Count) _largest = (_open.Count, time - _open.Since);
        _open = default;
    }
}
