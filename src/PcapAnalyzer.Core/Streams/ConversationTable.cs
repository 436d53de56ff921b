using PcapAnalyzer.Core.Packets;

namespace PcapAnalyzer.Core.Streams;

/// <summary>All conversations under way, by flow key. Old ones go by frame time, a few looked at for each new one.</summary>
/// <remarks>Open addressing with linear probing: one lookup touches one line of the table and the conversation itself.</remarks>
internal sealed class ConversationTable(AnalyzerOptions options, Action<Conversation> onEnded)
{
    private struct Slot
    {
        internal ulong Hash;
        internal Conversation? Conversation;
    }

    private readonly List<Conversation> _ring = [];

    /// <summary>Different in each process, so that nobody can make flows that meet in one slot. No result depends on it.</summary>
    private readonly FlowHashSeed _seed = new();

    private Slot[] _slots = new Slot[1024];
    private int _count;
    private int _hand;

    /// <summary>Conversations seen so far.</summary>
    internal long Total { get; private set; }

    /// <summary>Conversations dropped while they were still of interest, because <see cref="AnalyzerOptions.MaxConversations"/> was reached.</summary>
    internal long Dropped { get; private set; }

    internal Conversation? Find(in FlowKey key) => _slots[SlotOf(key, key.Hash(_seed))].Conversation;

    internal Conversation Add(in FlowKey key, long now)
    {
        Sweep(now);
        if (4 * (_count + 1) > 3 * _slots.Length) Grow();
        var conversation = new Conversation(key, now);
        var hash = key.Hash(_seed);
        _slots[SlotOf(key, hash)] = new Slot { Hash = hash, Conversation = conversation };
        _count++;
        _ring.Add(conversation);
        Total++;
        return conversation;
    }

    /// <summary>The conversation is over; its key is free for another.</summary>
    internal void End(Conversation conversation)
    {
        Remove(SlotOf(conversation.Key, conversation.Key.Hash(_seed)));
        conversation.IsEnded = true;
        onEnded(conversation);
    }

    internal void EndAll()
    {
        foreach (var conversation in _ring)
            if (!conversation.IsEnded) End(conversation);
        _ring.Clear();
    }

    /// <summary>The slot that holds the key, or the free one where it belongs.</summary>
    private int SlotOf(in FlowKey key, ulong hash)
    {
        var slots = _slots;
        var mask = slots.Length - 1;
        var at = HomeOf(hash) & mask;
        while (slots[at].Conversation is { } conversation && (slots[at].Hash != hash || !conversation.Key.IsSame(key))) at = (at + 1) & mask;
        return at;
    }

    /// <summary>The best bits of a sum of products are in its middle.</summary>
    private static int HomeOf(ulong hash) => (int)(hash ^ (hash >> 32));

    /// <summary>Frees a slot and moves up what would not be found behind a free one.</summary>
    private void Remove(int at)
    {
        _count--;
        var mask = _slots.Length - 1;
        for (var next = (at + 1) & mask; _slots[next].Conversation != null; next = (next + 1) & mask)
        {
            var home = HomeOf(_slots[next].Hash) & mask;
            if (((next - home) & mask) < ((next - at) & mask)) continue;
            _slots[at] = _slots[next];
            at = next;
        }
        _slots[at] = default;
    }

    private void Grow()
    {
        var old = _slots;
        _slots = new Slot[2 * old.Length];
        var mask = _slots.Length - 1;
        foreach (var slot in old)
        {
            if (slot.Conversation == null) continue;
            var at = HomeOf(slot.Hash) & mask;
            while (_slots[at].Conversation != null) at = (at + 1) & mask;
            _slots[at] = slot;
        }
    }

    /// <summary>Looks at the next few in the ring, so that the work is spread evenly and needs no order of last use.</summary>
    private void Sweep(long now)
    {
        for (var looks = 0; looks < 3 && _ring.Count > 0; looks++)
        {
            if (_hand >= _ring.Count) _hand = 0;
            var conversation = _ring[_hand];
            if (!conversation.IsEnded && !HasExpired(conversation, now))
            {
                _hand++;
                continue;
            }
            if (!conversation.IsEnded) End(conversation);
            RemoveAtHand();
        }
        if (_count < options.MaxConversations) return;
        Dropped++;
        while (_ring[_hand >= _ring.Count ? _hand = 0 : _hand].IsEnded) RemoveAtHand();
        End(_ring[_hand]);
        RemoveAtHand();
    }

    private void RemoveAtHand()
    {
        _ring[_hand] = _ring[^1];
        _ring.RemoveAt(_ring.Count - 1);
    }

    private bool HasExpired(Conversation conversation, long now)
    {
        var idle = now - conversation.LastTime;
        if (conversation.IsClosed) return idle > (conversation.IsDone ? options.DoneTimeout : options.ClosedTimeout);
        return conversation.Reader is not { IsFollowing: true } && idle > options.IdleTimeout;
    }
}
