using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Pipeline.Connections;

/// <summary>Is told of a connection that ended, before its place is used again.</summary>
internal delegate void ConnectionEnd(ref Connection flow, WatchedConnection? connection);

/// <summary>All open connections by flow key. Old ones are removed by frame time: each new connection and each tick checks a few.</summary>
/// <remarks>
/// Open addressing with linear probing: slots hold places in arrays of structures. They hold no references, so a million
/// connections cost the garbage collector nothing, and a connection is one step from its slot.
/// </remarks>
internal sealed class ConnectionTable(ConnectionLimits limits, ConnectionEnd onEnded)
{
    private const int ChunkBits = 10;
    private const int ChunkLength = 1 << ChunkBits;

    private struct Slot
    {
        internal uint Hash;

        /// <summary>From 1; 0 for a free slot.</summary>
        internal int Place;
    }

    private Connection[][] _chunks = [];

    private readonly Dictionary<int, WatchedConnection> _watched = [];
    private readonly Stack<int> _free = [];
    private readonly FlowHashSeed _seed = new();
    private Slot[] _slots = new Slot[1024];
    private int _places;
    private int _hand;

    /// <summary>The place found last, or -1: a segment and its acknowledgement stand next to each other in most captures.</summary>
    private int _last = -1;

    /// <summary>Hashes of the keys whose slots were fetched last, in turn.</summary>
    private readonly uint[] _fetched = new uint[4];
    private int _turn;

    /// <summary>Connections seen so far.</summary>
    internal long Total { get; private set; }

    /// <summary>
    /// Connections dropped while they were still of interest, because <see cref="ConnectionLimits.MaxConnections"/> or
    /// <see cref="ConnectionLimits.MaxTwins"/> was reached.
    /// </summary>
    internal long Dropped { get; private set; }

    /// <summary>Open connections.</summary>
    internal int Count => _places - _free.Count;

    internal ref Connection this[int place] => ref _chunks[place >> ChunkBits][place & (ChunkLength - 1)];

    /// <returns>Its place, or -1.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int Find(in FlowKey key)
    {
        if (_last < 0 || !this[_last].Key.IsSame(key)) _last = _slots[SlotOf(key, HashOf(key))].Place - 1;
        return _last;
    }

    /// <summary>The table does not fit into a core's cache, so that <see cref="Fetch"/> is worth its while.</summary>
    internal bool IsLarge => _places >= 4 * ChunkLength;

    /// <summary>
    /// Fetches into the cache what <see cref="Find"/> will read for a key some packets later. With many connections most of a packet's
    /// time would be the wait for memory: first for the slot, then for the connection, whose address the slot tells.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Fetch(in FlowKey key)
    {
        var mask = _slots.Length - 1;
        var hash = HashOf(key);
        Prefetch(ref _slots[(int)hash & mask]);
        ref var turn = ref _fetched[_turn++ & (_fetched.Length - 1)];
        var place = _slots[(int)turn & mask].Place - 1;
        turn = hash;
        if (place >= 0) Prefetch(ref this[place]);
    }

    private static unsafe void Prefetch<T>(ref T place) where T : unmanaged
    {
        // A hint for the processor: that the collector may move the object meanwhile does not matter.
        if (Sse.IsSupported) Sse.Prefetch0(Unsafe.AsPointer(ref place));
    }

    /// <summary>Of the connections with the key that was found last, the one whose numbers a segment fits best.</summary>
    /// <returns>Its place: it is the one that <see cref="Find"/> finds from now on.</returns>
    internal int Choose(in TcpSegment segment)
    {
        var best = _last;
        var least = this[best].DistanceOf(segment);
        for (var twin = this[_last].Twin - 1; twin != _last; twin = this[twin].Twin - 1)
        {
            var distance = this[twin].DistanceOf(segment);
            if (distance < least) (best, least) = (twin, distance);
        }
        if (best != _last) _slots[SlotOf(segment.Flow, HashOf(segment.Flow))].Place = best + 1;
        return _last = best;
    }

    /// <summary>Adds a connection, in front of others with the same key that may go on.</summary>
    /// <returns>Its place, good until it ends.</returns>
    internal int Add(in FlowKey key, long now)
    {
        Expire(now, looks: 3);
        if (Count >= limits.MaxConnections) DropOldest();
        if (4 * (Count + 1) > _slots.Length) Grow();
        if (!_free.TryPop(out var place)) place = _places++;
        if (place == _chunks.Length * ChunkLength) _chunks = [.. _chunks, new Connection[ChunkLength]];
        this[place] = new Connection { Key = key, FirstTime = now, LastTime = now, IsOpen = true };
        var hash = HashOf(key);
        var slot = SlotOf(key, hash);
        if (_slots[slot].Place is > 0 and var other) Join(place, other - 1);
        _slots[slot] = new Slot { Hash = hash, Place = place + 1 };
        Total++;
        return _last = place;
    }

    /// <summary>Puts a connection into the ring of those with its key. Where they are too many, the longest silent one goes.</summary>
    private void Join(int place, int other)
    {
        var (count, oldest) = (1, other);
        for (var twin = this[other].Twin - 1; twin >= 0 && twin != other; twin = this[twin].Twin - 1)
        {
            count++;
            if (this[twin].LastTime < this[oldest].LastTime) oldest = twin;
        }
        this[place].Twin = count == 1 ? other + 1 : this[other].Twin;
        this[other].Twin = place + 1;
        if (count < limits.MaxTwins) return;
        if (this[oldest] is { Low.IsSeen: true, High.IsSeen: true }) Drop(oldest);
        else End(oldest); // a SYN that nobody answered in all that time
    }

    /// <summary>Takes a connection out of the ring of those with its key.</summary>
    /// <returns>Another of them, from 1.</returns>
    private int Leave(int place)
    {
        var next = this[place].Twin;
        var before = next - 1;
        while (this[before].Twin - 1 != place) before = this[before].Twin - 1;
        this[before].Twin = next - 1 == before ? 0 : next;
        this[place].Twin = 0;
        return next;
    }

    /// <summary>Gives a connection what only few have.</summary>
    internal WatchedConnection Watch(int place)
    {
        this[place].IsWatched = true;
        return _watched[place] = new WatchedConnection(this, place);
    }

    internal void Unwatch(int place)
    {
        this[place].IsWatched = false;
        _watched.Remove(place);
    }

    internal WatchedConnection? WatchedAt(int place) => this[place].IsWatched ? _watched[place] : null;

    /// <summary>The connection is over; its key is free for another.</summary>
    internal void End(int place)
    {
        var slot = SlotOf(this[place].Key, HashOf(this[place].Key));
        if (this[place].Twin == 0) RemoveSlot(slot);
        else _slots[slot].Place = Leave(place);
        Tell(place);
        _free.Push(place);
    }

    internal void EndAll()
    {
        for (var place = 0; place < _places; place++)
            if (this[place].IsOpen) Tell(place);
        // What reports the connections needs the memory.
        _slots = new Slot[1024];
        _chunks = [];
        _free.Clear();
        _free.TrimExcess();
        _places = _hand = 0;
    }

    private void Tell(int place)
    {
        ref var flow = ref this[place];
        onEnded(ref flow, WatchedAt(place));
        if (flow.IsWatched) Unwatch(place);
        _last = -1;
        flow.IsOpen = false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint HashOf(in FlowKey key)
    {
        // Knuth's multiplicative hashing spreads the patterns that sums of products have.
        return (uint)((key.Hash(_seed) * 0x9E37_79B9_7F4A_7C15) >> 32);
    }

    /// <summary>The slot that holds the key, or the free one where it belongs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int SlotOf(in FlowKey key, uint hash)
    {
        var slots = _slots;
        var mask = slots.Length - 1;
        var at = (int)hash & mask;
        while (slots[at].Place is not 0 and var place && (slots[at].Hash != hash || !this[place - 1].Key.IsSame(key))) at = (at + 1) & mask;
        return at;
    }

    /// <summary>Frees a slot, and moves up the slots behind it that a search would no longer reach.</summary>
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

    /// <summary>Checks the next few connections in turn: the work is spread evenly and needs no order of last use.</summary>
    internal void Expire(long now, int looks)
    {
        for (; looks > 0; looks--)
            if (Next() is >= 0 and var place && HasExpired(place, now)) End(place);
    }

    private void DropOldest()
    {
        int oldest;
        do oldest = Next();
        while (oldest < 0);
        Drop(oldest);
    }

    private void Drop(int place)
    {
        Dropped++;
        WatchedAt(place)?.IsGivenUp = true;
        End(place);
    }

    /// <summary>Moves the hand on by one place.</summary>
    /// <returns>The place, or -1 if it is free.</returns>
    private int Next()
    {
        if (_places == 0) return -1;
        if (_hand >= _places) _hand = 0;
        var place = _hand++;
        return this[place].IsOpen ? place : -1;
    }

    /// <summary>The connection has been silent for longer than it is kept.</summary>
    internal bool HasExpired(int place, long now)
    {
        ref var flow = ref this[place];
        var idle = now - flow.LastTime;
        if (!flow.IsClosed) return idle > limits.IdleTimeout && WatchedAt(place)?.Reader is not { IsFollowing: true };
        return idle > (flow.IsFinished && WatchedAt(place) is not { IsDone: false } ? limits.DoneTimeout : limits.ClosedTimeout);
    }
}
