using System.Collections.Immutable;
using System.Runtime.InteropServices;
using PcapAnalyzer.Core.Packets;
using PcapAnalyzer.Core.Streams;

namespace PcapAnalyzer.Core.Handshakes;

/// <summary>Turns facts into a few hundred bytes and back. What a message says is not stored: its own bytes say it again.</summary>
public sealed class HandshakePacker(IReadOnlyList<IHandshakeProtocol> protocols)
{
    private readonly PackedWriter _writer = new();

    /// <returns>Valid until the next call.</returns>
    internal ReadOnlySpan<byte> Pack(Handshake handshake)
    {
        var writer = _writer.Clear();
        writer.WriteNumber(handshake.Id);
        writer.Write((byte)IndexOf(handshake.Protocol!));
        Write(writer, handshake.Initiator);
        Write(writer, handshake.Acceptor);
        writer.Write((ulong)handshake.Started);
        writer.Write((byte)handshake.State);
        Write(writer, handshake.IsInitiatorTls, handshake.IsAcceptorTls, handshake.TlsAlert != null, handshake.TlsAlertBy == Role.Acceptor);
        if (handshake.TlsAlert != null) writer.Write(handshake.TlsAlert);
        Write(writer, handshake.Messages, handshake.Anomalies, handshake.Started);
        Write(writer, handshake.Transfer, handshake.Started);
        return writer.Written;
    }

    /// <summary>The part that still changes while the connection is up.</summary>
    /// <returns>Valid until the next call.</returns>
    internal ReadOnlySpan<byte> Pack(ConnectionFacts connection, long started)
    {
        Write(_writer.Clear(), connection, started);
        return _writer.Written;
    }

    internal Handshake Unpack(PackedReader reader, PackedReader connection)
    {
        var id = (int)reader.ReadNumber();
        var protocol = protocols[reader.ReadByte()];
        var (initiator, acceptor, started) = (ReadEndpoint(reader), ReadEndpoint(reader), (long)reader.ReadUInt64());
        var state = (HandshakeState)reader.ReadByte();
        var flags = reader.ReadByte();
        var alert = Has(flags, 2) ? reader.ReadString() : null;
        var (messages, anomalies) = ReadMessages(reader, protocol, started);
        var transfer = ReadTransfer(reader, started);
        return new Handshake
        {
            Id = id,
            Protocol = protocol,
            Initiator = initiator,
            Acceptor = acceptor,
            Started = started,
            State = state,
            IsInitiatorTls = Has(flags, 0),
            IsAcceptorTls = Has(flags, 1),
            TlsAlert = alert,
            TlsAlertBy = Has(flags, 3) ? Role.Acceptor : Role.Initiator,
            Connection = ReadConnection(connection, started),
            Messages = messages,
            Anomalies = anomalies,
            Transfer = transfer,
        };
    }

    private int IndexOf(IHandshakeProtocol protocol)
    {
        var index = 0;
        while (!ReferenceEquals(protocols[index], protocol)) index++;
        return index;
    }

    private static void Write(PackedWriter writer, ImmutableArray<HandshakeMessage> messages, IReadOnlyList<Anomaly> anomalies, long started)
    {
        writer.WriteNumber(messages.Length);
        foreach (var message in messages)
        {
            Write(writer, message.From == Role.Acceptor, message.IsCut, message.IsConflicting, message.ParsedAs != null, message.ParsedAs == Role.Acceptor);
            writer.Write((byte)message.Header);
            writer.WriteNumber(message.Length);
            writer.WriteNumber(ZigZag(message.StreamFrom));
            writer.WriteNumber(ZigZag(message.Time - started));
            writer.WriteNumber(message.Frames.Count);
            for (var i = 0; i < message.Frames.Count; i++) writer.WriteNumber(message.Frames[i]);
            writer.WriteCounted(message.Body);
        }
        writer.WriteNumber(anomalies.Count);
        foreach (var odd in anomalies)
        {
            writer.Write((byte)odd.Kind);
            Write(writer, odd.By == Role.Acceptor);
            writer.Write(odd.Expected);
            writer.Write(odd.Seen);
            writer.WriteNumber(odd.Frame);
            writer.WriteNumber(ZigZag(odd.Time - started));
        }
    }

    private static (ImmutableArray<HandshakeMessage>, List<Anomaly>) ReadMessages(PackedReader reader, IHandshakeProtocol protocol, long started)
    {
        var messages = new HandshakeMessage[reader.ReadNumber()];
        for (var at = 0; at < messages.Length; at++)
        {
            var flags = reader.ReadByte();
            var header = reader.ReadByte();
            var length = reader.ReadNumber();
            var from = UnZigZag(reader.ReadNumber());
            var time = started + UnZigZag(reader.ReadNumber());
            var frames = new long[reader.ReadNumber()];
            for (var i = 0; i < frames.Length; i++) frames[i] = reader.ReadNumber();
            var body = reader.ReadCounted().ToArray();
            Role? parsedAs = !Has(flags, 3) ? null : Has(flags, 4) ? Role.Acceptor : Role.Initiator;
            protocol.TryParse(body, new MessageFrame(header, length), parsedAs, withFields: true, out var content);
            messages[at] = new HandshakeMessage(content, Has(flags, 0) ? Role.Acceptor : Role.Initiator, time, frames, length, from, header, body, parsedAs)
            {
                IsCut = Has(flags, 1),
                IsConflicting = Has(flags, 2),
            };
        }
        var anomalies = new List<Anomaly>();
        for (var count = reader.ReadNumber(); count > 0; count--)
        {
            anomalies.Add(new Anomaly(
                (AnomalyKind)reader.ReadByte(), Has(reader.ReadByte(), 0) ? Role.Acceptor : Role.Initiator, reader.ReadString(), reader.ReadString(),
                reader.ReadNumber(), started + UnZigZag(reader.ReadNumber())));
        }
        return (ImmutableCollectionsMarshal.AsImmutableArray(messages), anomalies);
    }

    private static void Write(PackedWriter writer, IReadOnlyList<TransferEvent> transfer, long started)
    {
        writer.WriteNumber(transfer.Count);
        foreach (var one in transfer)
        {
            writer.Write((byte)one.Kind);
            Write(writer, one.By == Role.Acceptor);
            var isTimed = one.Kind != TransferEventKind.MissingBytes;
            foreach (var number in isTimed ? (ReadOnlySpan<long>)[one.Count, ZigZag(one.Time - started), ZigZag(one.LastTime - one.Time), one.Frame] : [one.Count, one.Before])
                writer.WriteNumber(number);
        }
    }

    private static TransferEvent[] ReadTransfer(PackedReader reader, long started)
    {
        var transfer = new TransferEvent[reader.ReadNumber()];
        long Number() => reader.ReadNumber();
        for (var at = 0; at < transfer.Length; at++)
        {
            var one = new TransferEvent((TransferEventKind)reader.ReadByte(), Has(reader.ReadByte(), 0) ? Role.Acceptor : Role.Initiator, Number(), 0, 0, 0, 0);
            if (one.Kind == TransferEventKind.MissingBytes)
            {
                transfer[at] = one with { Before = (int)Number() };
                continue;
            }
            var time = started + UnZigZag(Number());
            transfer[at] = one with { Time = time, LastTime = time + UnZigZag(Number()), Frame = Number() };
        }
        return transfer;
    }

    private static void Write(PackedWriter writer, ConnectionFacts connection, long started)
    {
        var (left, right) = (connection.InitiatorLeft, connection.AcceptorLeft);
        Write(writer, connection.InitiatorStartMissing, connection.AcceptorStartMissing, connection.IsInitiatorSeen, connection.IsAcceptorSeen, left != null, right != null, connection.IsContested, connection.IsGivenUp);
        foreach (var departure in (Departure?[])[left, right])
        {
            if (departure == null) continue;
            Write(writer, departure.IsReset, departure.IsAnswer);
            writer.WriteNumber(departure.Frame);
            writer.WriteNumber(ZigZag(departure.Time - started));
            writer.WriteNumber(ZigZag(departure.Acknowledges));
        }
        foreach (var number in (ReadOnlySpan<long>)[
            connection.Syns, TimeOrZero(connection.SynTime, started), TimeOrZero(connection.SynAckTime, started), connection.Retransmissions, connection.Copies, connection.OutOfOrder, connection.Overlaps, connection.StrayResets, connection.MissingFromInitiator, connection.MissingFromAcceptor,
            connection.AfterInitiator, connection.AfterAcceptor, ZigZag(connection.LastTime - started), TimeOrZero(connection.LastByteFromInitiator, started), TimeOrZero(connection.LastByteFromAcceptor, started)])
            writer.WriteNumber(number);
    }

    private static Departure ReadDeparture(PackedReader reader, Role by, long started)
    {
        var flags = reader.ReadByte();
        return new Departure(by, Has(flags, 0), reader.ReadNumber(), started + UnZigZag(reader.ReadNumber()), UnZigZag(reader.ReadNumber()), Has(flags, 1));
    }

    private static ConnectionFacts ReadConnection(PackedReader reader, long started)
    {
        var flags = reader.ReadByte();
        Departure? Left(int bit, Role role) =>
            Has(flags, bit) ? ReadDeparture(reader, role, started) : null;
        long Number() => reader.ReadNumber();
        return new ConnectionFacts
        {
            InitiatorStartMissing = Has(flags, 0),
            AcceptorStartMissing = Has(flags, 1),
            IsInitiatorSeen = Has(flags, 2),
            IsAcceptorSeen = Has(flags, 3),
            InitiatorLeft = Left(4, Role.Initiator),
            AcceptorLeft = Left(5, Role.Acceptor),
            IsContested = Has(flags, 6),
            IsGivenUp = Has(flags, 7),
            Syns = (int)Number(),
            SynTime = ReadTime(reader, started),
            SynAckTime = ReadTime(reader, started),
            Retransmissions = (int)Number(),
            Copies = (int)Number(),
            OutOfOrder = (int)Number(),
            Overlaps = (int)Number(),
            StrayResets = (int)Number(),
            MissingFromInitiator = Number(),
            MissingFromAcceptor = Number(),
            AfterInitiator = Number(),
            AfterAcceptor = Number(),
            LastTime = started + UnZigZag(Number()),
            LastByteFromInitiator = ReadTime(reader, started),
            LastByteFromAcceptor = ReadTime(reader, started),
        };
    }

    private static void Write(PackedWriter writer, Endpoint endpoint)
    {
        writer.WriteNumber((long)endpoint.High);
        writer.Write(endpoint.Low);
        writer.WriteNumber(endpoint.Port);
    }

    private static Endpoint ReadEndpoint(PackedReader reader) => new((ulong)reader.ReadNumber(), reader.ReadUInt64(), (ushort)reader.ReadNumber());

    private static void Write(PackedWriter writer, params ReadOnlySpan<bool> flags)
    {
        var bits = 0;
        for (var i = 0; i < flags.Length; i++) bits |= flags[i] ? 1 << i : 0;
        writer.Write((byte)bits);
    }

    private static bool Has(byte flags, int bit) => (flags >> bit & 1) != 0;

    /// <summary>0 for no time, else one more than how long after the start.</summary>
    private static long TimeOrZero(long time, long started) => time == 0 ? 0 : ZigZag(time - started) + 1;

    private static long ReadTime(PackedReader reader, long started) => reader.ReadNumber() is not 0 and var number ? started + UnZigZag(number - 1) : 0;

    /// <summary>Small negative numbers become small positive ones (protobuf's sint64).</summary>
    private static long ZigZag(long number) => (number << 1) ^ (number >> 63);

    private static long UnZigZag(long number) => (long)((ulong)number >> 1) ^ -(number & 1);
}
