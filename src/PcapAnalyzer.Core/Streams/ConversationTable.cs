using PcapAnalyzer.Core.Packets;

namespace PcapAnalyzer.Core.Streams;

/// <summary>All conversations under way, by flow key. Old ones go by frame time, a few looked at for each new one.</summary>
internal sealed class ConversationTable(AnalyzerOptions options, Action<Conversation> onEnded)
{
    private readonly Dictionary<FlowKey, Conversation> _byKey = [];
    private readonly List<Conversation> _ring = [];
    private int _hand;

    /// <summary>Conversations seen so far.</summary>
    internal long Total { get; private set; }

    /// <summary>Conversations dropped while they were still of interest, because <see cref="AnalyzerOptions.MaxConversations"/> was reached.</summary>
    internal long Dropped { get; private set; }

    internal Conversation? Find(in FlowKey key) => _byKey.GetValueOrDefault(key);

    internal Conversation Add(in FlowKey key, long now)
    {
        Sweep(now);
        var conversation = new Conversation(key, now);
        _byKey.Add(key, conversation);
        _ring.Add(conversation);
        Total++;
        return conversation;
    }

    /// <summary>The conversation is over; its key is free for another.</summary>
    internal void End(Conversation conversation)
    {
        _byKey.Remove(conversation.Key);
        onEnded(conversation);
    }

    internal void EndAll()
    {
        foreach (var conversation in _ring)
            if (IsCurrent(conversation)) End(conversation);
        _ring.Clear();
    }

    /// <summary>Looks at the next few in the ring, so that the work is spread evenly and needs no order of last use.</summary>
    private void Sweep(long now)
    {
        for (var looks = 0; looks < 3 && _ring.Count > 0; looks++)
        {
            if (_hand >= _ring.Count) _hand = 0;
            var conversation = _ring[_hand];
            var current = IsCurrent(conversation);
            if (current && !HasExpired(conversation, now))
            {
                _hand++;
                continue;
            }
            if (current) End(conversation);
            _ring[_hand] = _ring[^1];
            _ring.RemoveAt(_ring.Count - 1);
        }
        if (_byKey.Count < options.MaxConversations) return;
        Dropped++;
        if (_hand >= _ring.Count) _hand = 0;
        End(_ring[_hand]);
        _ring[_hand] = _ring[^1];
        _ring.RemoveAt(_ring.Count - 1);
    }

    private bool IsCurrent(Conversation conversation) => ReferenceEquals(_byKey.GetValueOrDefault(conversation.Key), conversation);

    private bool HasExpired(Conversation conversation, long now)
    {
        var idle = now - conversation.LastTime;
        if (conversation.IsClosed) return idle > options.ClosedTimeout;
        return conversation.Reader is not { IsFollowing: true } && idle > options.IdleTimeout;
    }
}
