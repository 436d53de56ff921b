using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Google.Protobuf;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Pipeline.Facts;

/// <summary>Facts as bytes, in the form of <c>facts.proto</c>, and back.</summary>
/// <param name="protocols">The protocols whose handshakes can be read back: what a message says is decoded from its own bytes.</param>
public sealed class FactBytes(IReadOnlyList<IHandshakeProtocol> protocols)
{
    public static byte[] Write(Fact fact)
    {
        var wire = new Wire.Fact { Number = (uint)fact.Number };
        switch (fact)
        {
            case Handshake handshake:
                wire.Handshake = ToWire(handshake);
                wire.Handshake.Connection = ToWire(handshake.Connection, handshake.Started);
                break;
            case ConnectionUpdate update:
                wire.ConnectionUpdate = new Wire.ConnectionUpdate { Started = (ulong)update.Started, Connection = ToWire(update.Connection, update.Started) };
                break;
            case TlsSession session:
                wire.TlsSession = ToWire(session);
                break;
            case EpmdExchange exchange:
                wire.EpmdExchange = ToWire(exchange);
                break;
            case ConnectionAttempt attempt:
                wire.ConnectionAttempt = ToWire(attempt);
                break;
            case CaptureTotals totals:
                wire.CaptureTotals = ToWire(totals);
                break;
        }
        return wire.ToByteArray();
    }

    /// <returns>Null for a kind of fact, or a protocol, that this version does not know.</returns>
    /// <exception cref="InvalidProtocolBufferException">The bytes are no fact.</exception>
    public Fact? Read(ReadOnlySpan<byte> bytes)
    {
        var wire = Wire.Fact.Parser.ParseFrom(bytes);
        Fact? fact = wire.KindCase switch
        {
            Wire.Fact.KindOneofCase.Handshake => FromWire(wire.Handshake, wire.Handshake.Connection),
            Wire.Fact.KindOneofCase.ConnectionUpdate => new ConnectionUpdate
            {
                Started = (long)wire.ConnectionUpdate.Started,
                Connection = FromWire(wire.ConnectionUpdate.Connection, (long)wire.ConnectionUpdate.Started),
            },
            Wire.Fact.KindOneofCase.TlsSession => FromWire(wire.TlsSession),
            Wire.Fact.KindOneofCase.EpmdExchange => FromWire(wire.EpmdExchange),
            Wire.Fact.KindOneofCase.ConnectionAttempt => FromWire(wire.ConnectionAttempt),
            Wire.Fact.KindOneofCase.CaptureTotals => FromWire(wire.CaptureTotals),
            _ => null,
        };
        return fact == null ? null : fact with { Number = (int)wire.Number };
    }

    /// <summary>A handshake without its connection, which changes while the rest stays.</summary>
    internal static Wire.Handshake ToWire(Handshake handshake)
    {
        var started = handshake.Started;
        var wire = new Wire.Handshake
        {
            Protocol = handshake.Protocol.Name,
            Initiator = ToWire(handshake.Initiator),
            Acceptor = ToWire(handshake.Acceptor),
            Started = (ulong)started,
            Stage = (uint)handshake.Stage,
            State = (uint)handshake.State,
        };
        var ends = new StreamEnds();
        foreach (var message in handshake.Messages) wire.Messages.Add(ToWire(message, started, ref ends.Of(message.From)));
        foreach (var odd in handshake.Anomalies)
        {
            wire.Anomalies.Add(new Wire.Anomaly
            {
                Kind = (uint)odd.Kind,
                By = ToWire(odd.By),
                Expected = odd.Expected,
                Seen = odd.Seen,
                Frame = (ulong)odd.Frame,
                Time = odd.Time - started,
            });
        }
        foreach (var one in handshake.Transfer) wire.Transfer.Add(ToWire(one, started));
        return wire;
    }

    internal Handshake? FromWire(Wire.Handshake wire, Wire.Connection connection)
    {
        if (ProtocolOf(wire.Protocol) is not { } protocol) return null;
        var started = (long)wire.Started;
        var messages = new HandshakeMessage[wire.Messages.Count];
        var ends = new StreamEnds();
        for (var at = 0; at < messages.Length; at++) messages[at] = FromWire(wire.Messages[at], protocol, started, ref ends.Of(FromWire(wire.Messages[at].From)));
        return new Handshake
        {
            Protocol = protocol,
            Initiator = FromWire(wire.Initiator),
            Acceptor = FromWire(wire.Acceptor),
            Started = started,
            Stage = (HandshakeStage)wire.Stage,
            State = (HandshakeState)wire.State,
            Messages = ImmutableCollectionsMarshal.AsImmutableArray(messages),
            Anomalies = wire.Anomalies.Count == 0 ? [] : [.. wire.Anomalies.Select(odd =>
                new Anomaly((AnomalyKind)odd.Kind, FromWire(odd.By), odd.Expected, odd.Seen, (long)odd.Frame, started + odd.Time))],
            Transfer = FromWire(wire.Transfer, started),
            Connection = FromWire(connection, started),
        };
    }

    internal static Wire.Connection ToWire(ConnectionFacts facts, long started)
    {
        var wire = new Wire.Connection
        {
            Syns = (uint)facts.Syns,
            Retransmissions = (uint)facts.Retransmissions,
            Copies = (uint)facts.Copies,
            OutOfOrder = (uint)facts.OutOfOrder,
            Overlaps = (uint)facts.Overlaps,
            MissingFromInitiator = (ulong)facts.MissingFromInitiator,
            MissingFromAcceptor = (ulong)facts.MissingFromAcceptor,
            InitiatorStartMissing = facts.InitiatorStartMissing,
            AcceptorStartMissing = facts.AcceptorStartMissing,
            InitiatorSeen = facts.IsInitiatorSeen,
            AcceptorSeen = facts.IsAcceptorSeen,
            InitiatorLeft = ToWire(facts.InitiatorLeft, started),
            AcceptorLeft = ToWire(facts.AcceptorLeft, started),
            AfterInitiator = (ulong)facts.AfterInitiator,
            AfterAcceptor = (ulong)facts.AfterAcceptor,
            LastTime = facts.LastTime - started,
            StrayResets = (uint)facts.StrayResets,
            GivenUp = facts.IsGivenUp,
            Contested = facts.IsContested,
        };
        if (facts.SynTime != 0) wire.SynTime = facts.SynTime - started;
        if (facts.SynAckTime != 0) wire.SynAckTime = facts.SynAckTime - started;
        if (facts.LastByteFromInitiator != 0) wire.LastByteFromInitiator = facts.LastByteFromInitiator - started;
        if (facts.LastByteFromAcceptor != 0) wire.LastByteFromAcceptor = facts.LastByteFromAcceptor - started;
        return wire;
    }

    internal static ConnectionFacts FromWire(Wire.Connection wire, long started) => new()
    {
        Syns = (int)wire.Syns,
        SynTime = wire.HasSynTime ? started + wire.SynTime : 0,
        SynAckTime = wire.HasSynAckTime ? started + wire.SynAckTime : 0,
        Retransmissions = (int)wire.Retransmissions,
        Copies = (int)wire.Copies,
        OutOfOrder = (int)wire.OutOfOrder,
        Overlaps = (int)wire.Overlaps,
        MissingFromInitiator = (long)wire.MissingFromInitiator,
        MissingFromAcceptor = (long)wire.MissingFromAcceptor,
        InitiatorStartMissing = wire.InitiatorStartMissing,
        AcceptorStartMissing = wire.AcceptorStartMissing,
        IsInitiatorSeen = wire.InitiatorSeen,
        IsAcceptorSeen = wire.AcceptorSeen,
        InitiatorLeft = FromWire(wire.InitiatorLeft, Role.Initiator, started),
        AcceptorLeft = FromWire(wire.AcceptorLeft, Role.Acceptor, started),
        AfterInitiator = (long)wire.AfterInitiator,
        AfterAcceptor = (long)wire.AfterAcceptor,
        LastByteFromInitiator = wire.HasLastByteFromInitiator ? started + wire.LastByteFromInitiator : 0,
        LastByteFromAcceptor = wire.HasLastByteFromAcceptor ? started + wire.LastByteFromAcceptor : 0,
        LastTime = started + wire.LastTime,
        StrayResets = (int)wire.StrayResets,
        IsGivenUp = wire.GivenUp,
        IsContested = wire.Contested,
    };

    private IHandshakeProtocol? ProtocolOf(string name)
    {
        foreach (var protocol in protocols)
            if (protocol.Name == name) return protocol;
        return null;
    }

    /// <param name="message">The message.</param>
    /// <param name="started">What its time is counted from.</param>
    /// <param name="end">Where its sender's last message ended.</param>
    private static Wire.Message ToWire(HandshakeMessage message, long started, ref long end)
    {
        var wire = new Wire.Message
        {
            From = ToWire(message.From),
            Time = message.Time - started,
            Header = (uint)message.Header,
            StreamFrom = message.StreamFrom - end,
            Body = UnsafeByteOperations.UnsafeWrap(message.Body),
            Cut = message.IsCut,
            Conflicting = message.IsConflicting,
        };
        if (message.Length != message.Body.Length) wire.Length = (ulong)message.Length;
        wire.ParsedAs = message.ParsedAs is not { } parsedAs ? Wire.ParsedAs.Anybodys : parsedAs == message.From ? Wire.ParsedAs.Senders : Wire.ParsedAs.Peers;
        end = message.StreamTo;
        var before = 0L;
        for (var i = 0; i < message.Frames.Count; i++)
        {
            wire.Frames.Add(message.Frames[i] - before);
            before = message.Frames[i];
        }
        return wire;
    }

    private static HandshakeMessage FromWire(Wire.Message wire, IHandshakeProtocol protocol, long started, ref long end)
    {
        var body = wire.Body.ToByteArray();
        var from = FromWire(wire.From);
        var parsedAs = wire.ParsedAs switch
        {
            Wire.ParsedAs.Senders => from,
            Wire.ParsedAs.Peers => from.Other(),
            _ => (Role?)null,
        };
        var length = wire.HasLength ? (long)wire.Length : body.Length;
        protocol.TryParse(body, new MessageFrame((int)wire.Header, length), parsedAs, withFields: true, out var content);
        var frames = new long[wire.Frames.Count];
        for (var i = 0; i < frames.Length; i++) frames[i] = wire.Frames[i] + (i == 0 ? 0 : frames[i - 1]);
        var message = new HandshakeMessage(
            content, from, started + wire.Time, frames, length, end + wire.StreamFrom, (int)wire.Header, body, parsedAs)
        {
            IsCut = wire.Cut,
            IsConflicting = wire.Conflicting,
        };
        end = message.StreamTo;
        return message;
    }

    private static Wire.Transfer ToWire(TransferEvent one, long started)
    {
        var wire = new Wire.Transfer { Kind = (uint)one.Kind, By = ToWire(one.By), Count = (ulong)one.Count };
        if (one.Kind == Connections.TransferEventKind.MissingBytes) wire.Before = (uint)one.Before;
        else (wire.Time, wire.LastTime, wire.Frame) = (one.Time - started, one.LastTime - started, (ulong)one.Frame);
        return wire;
    }

    private static TransferEvent[] FromWire(IReadOnlyList<Wire.Transfer> all, long started)
    {
        TransferEvent One(Wire.Transfer wire) => (Connections.TransferEventKind)wire.Kind == Connections.TransferEventKind.MissingBytes
            ? new TransferEvent(Connections.TransferEventKind.MissingBytes, FromWire(wire.By), (long)wire.Count, (int)wire.Before, 0, 0, 0)
            : new TransferEvent(
                (Connections.TransferEventKind)wire.Kind, FromWire(wire.By), (long)wire.Count, 0, started + wire.Time, started + wire.LastTime, (long)wire.Frame);
        return all.Count == 0 ? [] : [.. all.Select(One)];
    }

    private static Wire.Departure? ToWire(Departure? left, long started) => left == null ? null : new Wire.Departure
    {
        Reset = left.IsReset,
        Frame = (ulong)left.Frame,
        Time = left.Time - started,
        Acknowledges = left.Acknowledges,
        Answer = left.IsAnswer,
    };

    private static Departure? FromWire(Wire.Departure? wire, Role by, long started) =>
        wire == null ? null : new Departure(by, wire.Reset, (long)wire.Frame, started + wire.Time, wire.Acknowledges, wire.Answer);

    private static Wire.TlsSession ToWire(TlsSession session)
    {
        var wire = new Wire.TlsSession
        {
            Initiator = ToWire(session.Initiator),
            Acceptor = ToWire(session.Acceptor),
            Started = (ulong)session.Started,
            InitiatorTls = session.IsInitiatorTls,
            AcceptorTls = session.IsAcceptorTls,
            Connection = ToWire(session.Connection, session.Started),
        };
        if (session.Alert is { } alert) (wire.Alert, wire.AlertBy) = (alert.Name, ToWire(alert.By));
        foreach (var one in session.Transfer) wire.Transfer.Add(ToWire(one, session.Started));
        return wire;
    }

    private static TlsSession FromWire(Wire.TlsSession wire) => new()
    {
        Initiator = FromWire(wire.Initiator),
        Acceptor = FromWire(wire.Acceptor),
        Started = (long)wire.Started,
        IsInitiatorTls = wire.InitiatorTls,
        IsAcceptorTls = wire.AcceptorTls,
        Alert = wire.Alert.Length == 0 ? null : new TlsAlert(FromWire(wire.AlertBy), wire.Alert),
        Transfer = FromWire(wire.Transfer, (long)wire.Started),
        Connection = FromWire(wire.Connection, (long)wire.Started),
    };

    private static Wire.EpmdExchange ToWire(EpmdExchange exchange)
    {
        var wire = new Wire.EpmdExchange
        {
            Client = ToWire(exchange.Client),
            Server = ToWire(exchange.Server),
            Request = (uint)exchange.Request,
            Started = (ulong)exchange.Time,
            Frame = (ulong)exchange.Frame,
            Unanswered = exchange.IsUnanswered,
            LastTime = exchange.LastTime - exchange.Time,
        };
        if (exchange.Name != null) wire.Name = exchange.Name;
        if (exchange.Port is { } port) wire.Port = port;
        if (exchange.IsSuccess is { } success) wire.Success = success;
        if (exchange.Versions is { } versions) (wire.LowestVersion, wire.HighestVersion) = ((uint)versions.Lowest, (uint)versions.Highest);
        foreach (var (name, at) in exchange.Names) wire.Names.Add(new Wire.Registration { Name = name, Port = at });
        return wire;
    }

    private static EpmdExchange FromWire(Wire.EpmdExchange wire) => new()
    {
        Client = FromWire(wire.Client),
        Server = FromWire(wire.Server),
        Request = (EpmdRequest)wire.Request,
        Time = (long)wire.Started,
        Frame = (long)wire.Frame,
        Name = wire.HasName ? wire.Name : null,
        Port = wire.HasPort ? (ushort)wire.Port : null,
        IsSuccess = wire.HasSuccess ? wire.Success : null,
        Versions = wire.HasLowestVersion ? ((int)wire.LowestVersion, (int)wire.HighestVersion) : null,
        Names = [.. wire.Names.Select(one => (one.Name, (ushort)one.Port))],
        IsUnanswered = wire.Unanswered,
        LastTime = (long)wire.Started + wire.LastTime,
    };

    private static Wire.ConnectionAttempt ToWire(ConnectionAttempt attempt) => new()
    {
        From = ToWire(attempt.From),
        To = ToWire(attempt.To),
        How = attempt.How,
        Times = (uint)attempt.Times,
        Started = (ulong)attempt.First,
        LastTime = attempt.Last - attempt.First,
        Repeated = attempt.IsRepeated,
    };

    private static ConnectionAttempt FromWire(Wire.ConnectionAttempt wire) => new()
    {
        From = FromWire(wire.From),
        To = FromWire(wire.To),
        How = wire.How,
        Times = (int)wire.Times,
        First = (long)wire.Started,
        Last = (long)wire.Started + wire.LastTime,
        IsRepeated = wire.Repeated,
    };

    private static Wire.CaptureTotals ToWire(CaptureTotals totals)
    {
        var wire = new Wire.CaptureTotals
        {
            LastTime = totals.LastTime,
            Dropped = (ulong)totals.Dropped,
            TcpSegments = (ulong)totals.TcpSegments,
            Conversations = (ulong)totals.Conversations,
            ConversationsDropped = (ulong)totals.ConversationsDropped,
        };
        foreach (var (kind, count) in totals.Undecoded) wire.Undecoded.Add((uint)kind, (ulong)count);
        return wire;
    }

    private static CaptureTotals FromWire(Wire.CaptureTotals wire) => new()
    {
        LastTime = wire.LastTime,
        Dropped = (long)wire.Dropped,
        TcpSegments = (long)wire.TcpSegments,
        Conversations = (long)wire.Conversations,
        ConversationsDropped = (long)wire.ConversationsDropped,
        Undecoded = wire.Undecoded.ToDictionary(pair => (FrameKind)pair.Key, pair => (long)pair.Value),
    };

    private static Wire.Endpoint ToWire(Endpoint endpoint) => endpoint.IsIpv4
        ? new() { Ipv4 = (uint)endpoint.Low, Port = endpoint.Port }
        : new() { High = endpoint.High, Low = endpoint.Low, Port = endpoint.Port };

    private static Endpoint FromWire(Wire.Endpoint wire) =>
        wire.HasIpv4 ? Endpoint.FromIpv4(wire.Ipv4, (ushort)wire.Port) : new(wire.High, wire.Low, (ushort)wire.Port);

    /// <summary>Where the last message of each side ended.</summary>
    private ref struct StreamEnds
    {
        private long _initiator;
        private long _acceptor;

        [UnscopedRef]
        internal ref long Of(Role role) => ref role == Role.Initiator ? ref _initiator : ref _acceptor;
    }

    private static Wire.Role ToWire(Role role) => (Wire.Role)role;

    private static Role FromWire(Wire.Role wire) => wire == Wire.Role.Acceptor ? Role.Acceptor : Role.Initiator;
}
