using System.Buffers;
using System.Buffers.Binary;
using System.Collections;

namespace PcapAnalyzer.Pipeline.Packets;

/// <summary>Puts the fragments of IP datagrams together (RFC 791, RFC 8200 4.5). Bounded in datagrams, bytes and time.</summary>
/// <remarks>
/// Fragments that overlap with different content are an attack or a fault: the whole datagram is refused (RFC 5722). If it was
/// complete already, it is handed out once more with the bytes that differ, so that TCP sees that they are not certain.
/// </remarks>
internal sealed class FragmentTable(PacketLimits limits)
{
    private const int Block = 8;
    private const int LargestDatagram = 65535;
    private const int Ipv6Header = 40;

    /// <summary>Complete datagrams that are remembered. A sender uses an identification again only after far more.</summary>
    private const int MostWhole = 64;

    private const int FragmentHeader = 44;

    private readonly record struct Key(Endpoint Source, Endpoint Destination, uint Id, byte Protocol);

    private readonly record struct Fragment(Key Key, int HeaderLength, int Offset, bool HasMore, int From);

    private sealed class Datagram(Key key, long time)
    {
        internal readonly Key Key = key;
        internal readonly long Time = time;
        internal readonly BitArray Blocks = new(0);

        /// <summary>Pooled: bytes outside <see cref="Blocks"/> are undefined.</summary>
        internal byte[] Bytes = [];

        internal byte[]? Header;

        /// <summary>The datagram as it was handed out; null while parts are missing.</summary>
        internal byte[]? Whole;

        internal int Covered;
        internal int Total = -1;
        internal int Fragments;
        internal bool IsRefused;
    }

    private readonly Dictionary<Key, LinkedListNode<Datagram>> _byKey = [];

    /// <summary>Incomplete datagrams, oldest first. Complete ones do not count against the limits.</summary>
    private readonly LinkedList<Datagram> _byAge = [];

    /// <summary>The latest complete datagrams, oldest first.</summary>
    private readonly LinkedList<Datagram> _whole = [];

    private long _bytes;

    /// <summary>Fragments of datagrams that were never completed.</summary>
    internal long Unfinished { get; private set; }

    /// <summary>Fragments of datagrams that were refused.</summary>
    internal long Refused { get; private set; }

    /// <summary>Takes one fragment.</summary>
    /// <param name="ip">The datagram from its IP header on, without padding.</param>
    /// <param name="wire">Its length on the wire, in bytes.</param>
    /// <param name="time">Frame time, in nanoseconds since 1970.</param>
    /// <returns>The datagram when this fragment completes it, and again when a later fragment differs; else null.</returns>
    internal byte[]? Add(ReadOnlySpan<byte> ip, int wire, long time)
    {
        Expire(time);
        if (ip.Length < wire || !TryRead(ip, out var fragment))
        {
            Unfinished++;
            return null;
        }
        if (!_byKey.TryGetValue(fragment.Key, out var node)) node = _byKey[fragment.Key] = _byAge.AddLast(new Datagram(fragment.Key, time));
        var datagram = node.Value;
        if (datagram.Whole != null) return Changed(datagram, fragment, ip);
        datagram.Fragments++;
        if (datagram.IsRefused) return null;
        if (!TryPlace(datagram, fragment, ip)) Refuse(datagram);
        if (datagram.IsRefused || datagram.Header == null || datagram.Total < 0 || datagram.Covered * Block < datagram.Total) return null;
        datagram.Whole = Whole(datagram);
        Release(datagram);
        _byAge.Remove(node);
        _whole.AddLast(node);
        return datagram.Whole;
    }

    /// <returns>Null for a copy of what is known.</returns>
    private static byte[]? Changed(Datagram datagram, in Fragment fragment, ReadOnlySpan<byte> ip)
    {
        var old = datagram.Whole.AsSpan(datagram.Header!.Length);
        if (fragment.Offset >= old.Length) return null;
        old = old[fragment.Offset..];
        var part = ip[fragment.From..];
        part = part[..Math.Min(part.Length, old.Length)];
        if (old.StartsWith(part)) return null;
        var changed = datagram.Whole.AsSpan().ToArray();
        part.CopyTo(changed.AsSpan(datagram.Header.Length + fragment.Offset));
        return changed;
    }

    /// <summary>No more fragments come.</summary>
    internal void Finish()
    {
        while (_byAge.Count > 0) DropOldest();
    }

    private static bool TryRead(ReadOnlySpan<byte> ip, out Fragment fragment)
    {
        fragment = default;
        if (ip.Length < 20) return false;
        if (ip[0] >> 4 == 4)
        {
            var header = (ip[0] & 0x0F) * 4;
            var bits = BinaryPrimitives.ReadUInt16BigEndian(ip[6..]);
            var v4 = new Key(
                Endpoint.FromIpv4(BinaryPrimitives.ReadUInt32BigEndian(ip[12..]), 0),
                    Endpoint.FromIpv4(BinaryPrimitives.ReadUInt32BigEndian(ip[16..]), 0),
                BinaryPrimitives.ReadUInt16BigEndian(ip[4..]), ip[9]);
            fragment = new Fragment(v4, header, (bits & 0x1FFF) * Block, (bits & 0x2000) != 0, header);
            return header <= ip.Length;
        }
        if (ip.Length < Ipv6Header) return false;
        // Every fragment repeats the headers before the fragment header; TCP can be reached without them.
        int next = ip[6];
        var at = Ipv6Header;
        while (next is 0 or 43 or 60 && at + Block <= ip.Length)
        {
            next = ip[at];
            at += (ip[at + 1] + 1) * Block;
        }
        if (next != FragmentHeader || at + Block > ip.Length) return false;
        var offset = BinaryPrimitives.ReadUInt16BigEndian(ip[(at + 2)..]);
        var v6 = new Key(Endpoint.FromIpv6(ip[8..], 0), Endpoint.FromIpv6(ip[24..], 0),
            BinaryPrimitives.ReadUInt32BigEndian(ip[(at + 4)..]), ip[at]);
        fragment = new Fragment(v6, Ipv6Header, offset & 0xFFF8, (offset & 1) != 0, at + Block);
        return true;
    }

    /// <returns>False when the fragment contradicts itself or those before it.</returns>
    private bool TryPlace(Datagram datagram, in Fragment fragment, ReadOnlySpan<byte> ip)
    {
        var payload = ip[fragment.From..];
        var end = fragment.Offset + payload.Length;
        if (payload.IsEmpty || end > LargestDatagram - fragment.HeaderLength || (fragment.HasMore && payload.Length % Block != 0))
            return false;
        if (datagram.Total >= 0 && (end > datagram.Total || (!fragment.HasMore && end != datagram.Total))) return false;
        if (!fragment.HasMore && datagram.Bytes.Length > end && LastCovered(datagram) > end) return false;
        if (!fragment.HasMore) datagram.Total = end;
        if (fragment.Offset == 0) datagram.Header = ip[..fragment.HeaderLength].ToArray();
        if (datagram.Header is { } header)
        {
            // The first header may be longer than those of the fragments behind it: options need not be repeated (RFC 791).
            if (datagram.Total > LargestDatagram - header.Length) return false;
            if (header[0] >> 4 == 6) header[6] = fragment.Key.Protocol;
        }
        Grow(datagram, end);
        for (var at = fragment.Offset; at < end; at += Block)
        {
            var part = payload.Slice(at - fragment.Offset, Math.Min(Block, end - at));
            var place = datagram.Bytes.AsSpan(at, part.Length);
            if (!datagram.Blocks[at / Block])
            {
                datagram.Blocks[at / Block] = true;
                datagram.Covered++;
                part.CopyTo(place);
            }
            else if (!part.SequenceEqual(place))
            {
                return false;
            }
        }
        return true;
    }

    private static int LastCovered(Datagram datagram)
    {
        var block = datagram.Bytes.Length / Block;
        while (block > 0 && !datagram.Blocks[block - 1]) block--;
        return block * Block;
    }

    private void Grow(Datagram datagram, int end)
    {
        if (end <= datagram.Bytes.Length) return;
        var larger = ArrayPool<byte>.Shared.Rent(end);
        datagram.Bytes.CopyTo(larger, 0);
        Release(datagram);
        datagram.Bytes = larger;
        datagram.Blocks.Length = larger.Length / Block;
        _bytes += larger.Length;
    }

    private void Release(Datagram datagram)
    {
        if (datagram.Bytes.Length == 0) return;
        _bytes -= datagram.Bytes.Length;
        ArrayPool<byte>.Shared.Return(datagram.Bytes);
        datagram.Bytes = [];
    }

    private void Refuse(Datagram datagram)
    {
        Release(datagram);
        datagram.IsRefused = true;
    }

    private static byte[] Whole(Datagram datagram)
    {
        var header = datagram.Header!;
        var whole = new byte[header.Length + datagram.Total];
        header.CopyTo(whole, 0);
        datagram.Bytes.AsSpan(0, datagram.Total).CopyTo(whole.AsSpan(header.Length));
        var isV4 = header[0] >> 4 == 4;
        if (isV4) whole.AsSpan(6, 2).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(whole.AsSpan(isV4 ? 2 : 4), (ushort)(isV4 ? whole.Length : datagram.Total));
        return whole;
    }

    private void Expire(long now)
    {
        while (_byAge.First is { Value: var oldest }
            && (now - oldest.Time > limits.FragmentTimeout || _byAge.Count > limits.MaxFragmentedDatagrams
                || _bytes > limits.MaxFragmentBytes))
            DropOldest();
        while (_whole.First is { Value: var oldest } && (now - oldest.Time > limits.FragmentTimeout || _whole.Count > MostWhole))
        {
            _whole.RemoveFirst();
            _byKey.Remove(oldest.Key);
        }
    }

    private void DropOldest()
    {
        var oldest = _byAge.First!;
        Remove(oldest);
        if (oldest.Value.IsRefused) Refused += oldest.Value.Fragments;
        else Unfinished += oldest.Value.Fragments;
    }

    private void Remove(LinkedListNode<Datagram> node)
    {
        _byAge.Remove(node);
        _byKey.Remove(node.Value.Key);
        Release(node.Value);
    }
}
