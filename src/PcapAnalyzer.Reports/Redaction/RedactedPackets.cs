using System.Buffers.Binary;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Pipeline.Protocols.Tls;

namespace PcapAnalyzer.Reports;

/// <summary>Builds redacted packets of a handshake: new packets of the same lengths that hold only what may be shared.</summary>
/// <remarks>
/// Time, addresses, ports, and the numbers and flags of the TCP header come from the captured packet. The payload holds the
/// decoded messages, redacted as in a report, and TLS record headers; all other bytes are zero. So unknown data, data after
/// the handshake, hardware addresses, options, padding and outer tunnel headers cannot leak.
/// </remarks>
public static class RedactedPackets
{
    private const int TcpHeader = 20;
    private const byte Tcp = 6;

    private static readonly FrameParser Fast = new();
    private static readonly PacketDotNetParser General = new();

    /// <summary>Returns the redacted packets in their order, as <see cref="LinkLayer.Raw"/>.</summary>
    /// <param name="handshake">The decoded handshake; null when nothing was decoded.</param>
    public static IReadOnlyList<EvidenceFrame> Of(Evidence evidence, Handshake? handshake, Pseudonyms names)
    {
        var messages = (handshake?.Messages ?? [])
            .Select(message => (message.From, At: message.StreamFrom, Bytes: Redacted(handshake!, message, names))).ToList();
        return [.. evidence.Frames.Select(frame => Redacted(frame, evidence, handshake, messages))];
    }

    private static EvidenceFrame Redacted(EvidenceFrame frame, Evidence evidence, Handshake? handshake,
        List<(Role From, long At, byte[] Bytes)> messages)
    {
        var kind = Fast.Parse(frame.ToFrame(), out var segment, out _);
        if (kind == FrameKind.Unsupported) General.Parse(frame.ToFrame(), out segment, out _);
        var payload = new byte[segment.Payload.Length];
        CopyTlsHeaders(segment.Payload, payload);
        var sender = segment.Source == handshake?.Initiator ? Role.Initiator : Role.Acceptor;
        var origin = segment.FromLow ? evidence.Origins.Low : evidence.Origins.High;
        var offset = StreamOffset.Of(segment.Sequence + (segment.Has(TcpFlags.Syn) ? 1u : 0u), origin, near: 0);
        foreach (var (from, at, bytes) in messages)
        {
            if (from != sender) continue;
            var (first, end) = (Math.Max(at, offset), Math.Min(at + bytes.Length, offset + payload.Length));
            if (first < end) bytes.AsSpan((int)(first - at), (int)(end - first)).CopyTo(payload.AsSpan((int)(first - offset)));
        }
        var packet = Packet(segment, payload);
        return frame with
        {
            Link = LinkLayer.Raw,
            Interface = 0,
            Bytes = packet,
            OriginalLength = packet.Length + segment.Length - payload.Length
        };
    }

    /// <summary>A message as sent, with its length prefix, after redaction.</summary>
    private static byte[] Redacted(Handshake handshake, HandshakeMessage message, Pseudonyms names)
    {
        var bytes = new byte[message.Header + message.Body.Length];
        var length = message.Length;
        for (var at = message.Header - 1; at >= 0; at--, length >>= 8) bytes[at] = (byte)length;
        var body = bytes.AsSpan(message.Header);
        message.Body.CopyTo(body);
        var known = 0;
        var hasLengths = true;
        foreach (var field in handshake.FieldsOf(message))
        {
            if (field.Length == 0) continue;
            Redact(field, body.Slice(field.Offset, field.Length), names);
            known = Math.Max(known, field.Offset + field.Length);
            hasLengths &= field.Lead > 0;
        }
        // Bytes after the last field are a truncated field or, where fields have fixed places, additions of later releases.
        if (message.IsCut || !hasLengths) body[known..].Clear();
        return bytes;
    }

    private static void Redact(MessageField field, Span<byte> bytes, Pseudonyms names)
    {
        var value = bytes[field.Lead..];
        switch (field.Sharing, field.Value)
        {
            case (FieldSharing.AsItIs, _):
                break;
            case (FieldSharing.AsName, FieldValue.Text name):
                names.Overwrite(name.Value, value);
                break;
            case (FieldSharing.AsAddress, FieldValue.Text address):
                names.OverwriteAddress(address.Value, value);
                break;
            case (_, FieldValue.Number challenge):
                Write(names.OfChallenge((uint)challenge.Value), value, field.IsVarint);
                break;
            case (_, FieldValue.Text or FieldValue.Flag) when field.IsVarint:
                break; // an enum or a bool, whatever its name
            case (_, FieldValue.Text):
                value.Fill((byte)'x');
                break;
            default:
                Write(0, value, field.IsVarint);
                break;
        }
    }

    /// <summary>Writes a number into all of the given bytes, so that lengths do not change.</summary>
    private static void Write(uint number, Span<byte> bytes, bool isVarint)
    {
        if (isVarint)
        {
            for (var at = 0; at < bytes.Length; at++, number >>= 7)
                bytes[at] = (byte)((number & 0x7F) | (at < bytes.Length - 1 ? 0x80u : 0));
            return;
        }
        for (var at = bytes.Length - 1; at >= 0; at--, number >>= 8) bytes[at] = (byte)number;
    }

    /// <summary>Copies the headers of the TLS records that begin in a segment, and unencrypted alerts.</summary>
    private static void CopyTlsHeaders(ReadOnlySpan<byte> payload, Span<byte> copy)
    {
        const byte alert = 21;
        for (var at = 0; at + TlsRecord.Header <= payload.Length;)
        {
            var record = payload[at..];
            var length = BinaryPrimitives.ReadUInt16BigEndian(record[3..]);
            if (record[0] is < 20 or > 23 || record[1] != 3 || record[2] > 4 || length == 0) return;
            var kept = TlsRecord.Header + (record[0] == alert && length == 2 && record.Length >= TlsRecord.Header + 2 ? 2 : 0);
            record[..kept].CopyTo(copy[at..]);
            at += TlsRecord.Header + length;
        }
    }

    /// <summary>Builds an IP datagram with a TCP segment. The checksums count bytes that a snapshot length cut as zeros.</summary>
    private static byte[] Packet(in TcpSegment segment, ReadOnlySpan<byte> payload)
    {
        Span<byte> source = stackalloc byte[16], destination = stackalloc byte[16];
        segment.Source.Address.TryWriteBytes(source, out var width);
        segment.Destination.Address.TryWriteBytes(destination, out _);
        var header = width == 4 ? 20 : 40;
        var packet = new byte[header + TcpHeader + payload.Length];
        var length = TcpHeader + segment.Length;
        // With segmentation offload, a segment can exceed the length field. Captures then have 0.
        var total = length + (width == 4 ? header : 0) is <= ushort.MaxValue and var fits ? (ushort)fits : (ushort)0;
        packet[0] = width == 4 ? (byte)0x45 : (byte)0x60;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(width == 4 ? 2 : 4), total);
        packet[width == 4 ? 8 : 7] = 64;
        packet[width == 4 ? 9 : 6] = Tcp;
        source[..width].CopyTo(packet.AsSpan(width == 4 ? 12 : 8));
        destination[..width].CopyTo(packet.AsSpan(width == 4 ? 16 : 24));
        if (width == 4) BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), Checksum(packet.AsSpan(0, header), 0));
        var tcp = packet.AsSpan(header);
        BinaryPrimitives.WriteUInt16BigEndian(tcp, segment.Source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], segment.Destination.Port);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], segment.Sequence);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[8..], segment.Has(TcpFlags.Ack) ? segment.Acknowledgment : 0);
        tcp[12] = TcpHeader / 4 << 4;
        tcp[13] = (byte)segment.Flags;
        tcp[14..16].Fill(0xFF);
        payload.CopyTo(tcp[TcpHeader..]);
        var pseudo = Sum(source[..width]) + Sum(destination[..width]) + Tcp + (uint)(length >> 16) + (uint)(length & 0xFFFF);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[16..], Checksum(tcp, pseudo));
        return packet;
    }

    private static ulong Sum(ReadOnlySpan<byte> bytes)
    {
        var sum = 0ul;
        for (var at = 0; at < bytes.Length; at++) sum += at % 2 == 0 ? (ulong)bytes[at] << 8 : bytes[at];
        return sum;
    }

    /// <summary>The Internet checksum (RFC 1071).</summary>
    private static ushort Checksum(ReadOnlySpan<byte> bytes, ulong sum)
    {
        sum += Sum(bytes);
        while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)~sum;
    }
}
