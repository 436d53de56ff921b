using System.Threading.Channels;

namespace PcapAnalyzer.Tui;

/// <summary>
/// Changes on their way from the analysis to the screen, in order: a bounded channel, and before it what does not fit yet.
/// </summary>
/// <remarks>
/// Nobody waits for room while he has the analysis, so the screen may ask while the channel is full. All but
/// <see cref="Take"/>, <see cref="WaitForRoom"/> and <see cref="Close"/> is for who has the analysis at the moment.
/// </remarks>
internal sealed class ChangeQueue
{
    /// <summary>The screen takes as many ten times a second, more than can be judged in that time.</summary>
    private const int Most = 16 * 1024;

    private readonly Channel<HandshakeUpdate> _channel = Channel.CreateBounded<HandshakeUpdate>(Most);
    private readonly Queue<HandshakeUpdate> _waiting = new();

    internal void Add(HandshakeUpdate change) => _waiting.Enqueue(change);

    /// <summary>Puts into the channel what there is room for.</summary>
    /// <returns>False when something still waits for room.</returns>
    internal bool HandOver()
    {
        while (_waiting.TryPeek(out var change))
        {
            if (!_channel.Writer.TryWrite(change)) return false;
            _waiting.Dequeue();
        }
        return true;
    }

    /// <returns>False when nobody will take anything any more.</returns>
    internal bool WaitForRoom() => _channel.Writer.WaitToWriteAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>The screen is gone: nobody need wait for it.</summary>
    internal void Close() => _channel.Writer.TryComplete();

    /// <summary>Takes what is in the channel, the last of each handshake, in the order of their numbers.</summary>
    internal IReadOnlyList<HandshakeUpdate> Take()
    {
        var taken = new SortedDictionary<int, HandshakeUpdate>();
        for (var count = 0; count < Most && _channel.Reader.TryRead(out var change); count++) taken[change.Report.Id] = change;
        return [.. taken.Values];
    }
}
