using System.Buffers.Binary;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Pipeline.Readers;

/// <summary>IPv4 addresses that were asked for by ARP and never spoke (RFC 826); bounded.</summary>
internal sealed class ArpRequests(int limit)
{
    private const int Request = 1;
    private const int OperationAt = 6;
    private const int SenderAt = 14;
    private const int TargetAt = 24;
    private const int Length = 28;

    /// <summary>Linux asks three times before it gives up.</summary>
    private const int Enough = 3;

    private readonly Dictionary<(uint Asker, uint Target), ConnectionAttempt> _asked = [];
    private readonly HashSet<uint> _speaking = [];

    /// <summary>The addresses that were asked for often enough and are not known to exist.</summary>
    internal IEnumerable<ConnectionAttempt> Unanswered =>
        _asked.Where(one => one.Value.Times >= Enough && !_speaking.Contains(one.Key.Target))
        .Select(one => one.Value);

    /// <param name="packet">An ARP packet from its hardware type on; anything but Ethernet and IPv4 is ignored.</param>
    /// <param name="time">Capture time (ns).</param>
    internal void Note(ReadOnlySpan<byte> packet, long time)
    {
        if (packet.Length < Length || !packet.StartsWith((ReadOnlySpan<byte>)[0, 1, 8, 0, 6, 4, 0])) return;
        var sender = BinaryPrimitives.ReadUInt32BigEndian(packet[SenderAt..]);
        var target = BinaryPrimitives.ReadUInt32BigEndian(packet[TargetAt..]);
        if (_speaking.Count < limit) _speaking.Add(sender);
        if (packet[OperationAt + 1] != Request || sender == target || sender == 0) return;
        var known = _asked.GetValueOrDefault((sender, target));
        if (known == null && _asked.Count >= limit) return;
        _asked[(sender, target)] = new ConnectionAttempt
        {
            From = Endpoint.FromIpv4(sender, 0),
            To = Endpoint.FromIpv4(target, 0),
            How = ConnectionAttempt.ArpUnanswered,
            Times = (known?.Times ?? 0) + 1,
            First = known?.First ?? time,
            Last = time,
            IsRepeated = known != null,
        };
    }
}
