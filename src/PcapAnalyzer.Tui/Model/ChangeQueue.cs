using System.Threading.Channels;

namespace PcapAnalyzer.Tui;

/// <summary>Changes from the analysis to the screen: a bounded channel, and before it a queue for those that do not fit yet.</summary>
/// <remarks>
/// A thread never waits for room while it has the analysis, so the screen can query while the channel is full. Except for
/// <see cref="Take"/>, <see cref="WaitForRoom"/> and <see cref="Close"/>, only the thread that has the analysis may call the
/// members.
/// </remarks>
internal sealed class ChangeQueue
{
    /// <summary>Capacity of the channel. The screen takes this many ten times a second, more than can be judged in that time.</summary>
    private const int Most = 16 * 1024;

    private readonly Channel<HandshakeUpdate> _channel = Channel.CreateBounded<HandshakeUpdate>(Most);
    private readonly Queue<HandshakeUpdate> _waiting = new();

    internal void Add(HandshakeUpdate change) => _waiting.Enqueue(change);

    /// <summary>Moves changes into the channel while there is room.</summary>
    /// <returns>False when a change did not fit.</returns>
    internal bool HandOver()
    {
        while (_waiting.TryPeek(out var change))
        {
            if (!_channel.Writer.TryWrite(change)) return false;
            _waiting.Dequeue();
        }
        return true;
    }

    /// <returns>False when the queue is closed.</returns>
    internal bool WaitForRoom() => _channel.Writer.WaitToWriteAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>Ends all waits for room, because the screen is gone.</summary>
    internal void Close() => _channel.Writer.TryComplete();

    /// <summary>Takes the changes in the channel: the last one of each handshake, ordered by number.</summary>
    internal IReadOnlyList<HandshakeUpdate> Take()
    {
        var taken = new SortedDictionary<int, HandshakeUpdate>();
        for (var count = 0; count < Most && _channel.Reader.TryRead(out var change); count++) taken[change.Report.Id] = change;
        return [.. taken.Values];
    }
}
