using System.Runtime.CompilerServices;
using PcapAnalyzer.Core.Packets;

namespace PcapAnalyzer.Core.Streams;

/// <summary>All conversations under way, by flow key. Old ones go by frame time, a few looked at for each new one and whenever it is told the time.</summary>
/// <remarks>
/// Open addressing with linear probing. The slots hold places in the ring, not references: a collector that has to look
/// through a million of them whenever one was added would cost more than all lookups.
/// </remarks>
internal sealed class ConversationTable(AnalyzerOptions options, Action<Conversation> onEnded)
{
    private struct Slot
    {
        internal uint Hash;

        /// <summary>Place in the ring, from 1; 0 for a free slot.</summary>
        internal int Place;
    }

    /// <summary>In the order in which they came, but that places become free and are taken again.</summary>
    private readonly List<Conversation?> _ring = [];

    private readonly Stack<int> _free = [];
    private readonly FlowHashSeed _seed = new();
    private Slot[] _slots = new Slot[1024];
    private int _hand;

    /// <summary>Conversations seen so far.</summary>
    internal long Total { get; private set; }

    /// <summary>Conversations dropped while they were still of interest, because <see cref="AnalyzerOptions.MaxConversations"/> was reached.</summary>
    internal long Dropped { get; private set; }

    /// <summary>Conversations under way.</summary>
    internal int Count => _ring.Count - _free.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Conversation? Find(in FlowKey key)
    {
        var place = _slots[SlotOf(key, HashOf(key))].Place;
        return place == 0 ? null : _ring[place - 1];
    }

    internal Conversation Add(in FlowKey key, long now)
    {
        Expire(now, looks: 3);
        if (Count >= options.MaxConversations) DropOldest();
        if (2 * (Count + 1) > _slots.Length) Grow();
        var conversation = new Conversation(key, now);
        if (_free.TryPop(out var place)) _ring[place] = conversation;
        else
        {
            place = _ring.Count;
            _ring.Add(conversation);
        }
        var hash = HashOf(key);
        _slots[SlotOf(key, hash)] = new Slot { Hash = hash, Place = place + 1 };
        Total++;
        return conversation;
    }

    /// <summary>The conversation is over; its key is free for another.</summary>
    internal void End(Conversation conversation)
    {
        var at = SlotOf(conversation.Key, HashOf(conversation.Key));
        var place = _slots[at].Place - 1;
        RemoveSlot(at);
        _ring[place] = null;
        _free.Push(place);
        onEnded(conversation);
    }

    internal void EndAll()
    {
        for (var place = 0; place < _ring.Count; place++)
            if (_ring[place] is { } conversation) End(conversation);
    }

    private uint HashOf(in FlowKey key)
    {
        // Spreads whatever pattern the sums of products have (Knuth's multiplicative hashing).
        return (uint)((key.Hash(_seed) * 0x9E37_79B9_7F4A_7C15) >> 32);
    }

    /// <summary>The slot that holds the key, or the free one where it belongs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int SlotOf(in FlowKey key, uint hash)
    {
        var slots = _slots;
        var mask = slots.Length - 1;
        var at = (int)hash & mask;
        while (slots[at].Place is not 0 and var place && (slots[at].Hash != hash || !_ring[place - 1]!.Key.IsSame(key))) at = (at + 1) & mask;
        return at;
    }

    /// <summary>Frees a slot and moves up what would not be found behind a free one.</summary>
    private void RemoveSlot(int at)
    {
        var mask = _slots.Length - 1;
        for (var next = (at + 1) & mask; _slots[next].Place != 0; next = (next + 1) & mask)
        {
            var home = (int)_slots[next].Hash & mask;
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
            if (slot.Place == 0) continue;
            var at = (int)slot.Hash & mask;
            while (_slots[at].Place != 0) at = (at + 1) & mask;
            _slots[at] = slot;
        }
    }

    /// <summary>Looks at the next few in the ring, so that the work is spread evenly and needs no order of last use.</summary>
    internal void Expire(long now, int looks)
    {
        for (; looks > 0; looks--)
            if (Next() is { } conversation && HasExpired(conversation, now)) End(conversation);
    }

    private void DropOldest()
    {
        Dropped++;
        while (true)
        {
            if (Next() is not { } oldest) continue;
            End(oldest);
            return;
        }
    }

    /// <summary>What stands behind the hand, which passes it; null for a free place.</summary>
    private Conversation? Next()
    {
        if (_ring.Count == 0) return null;
        if (_hand >= _ring.Count) _hand = 0;
        return _ring[_hand++];
    }

    private bool HasExpired(Conversation conversation, long now)
    {
        var idle = now - conversation.LastTime;
        if (conversation.IsClosed) return idle > (conversation.IsDone ? options.DoneTimeout : options.ClosedTimeout);
        return conversation.Reader is not { IsFollowing: true } && idle > options.IdleTimeout;
    }
}
