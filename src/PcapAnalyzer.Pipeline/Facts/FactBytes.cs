using Google.Protobuf;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Pipeline.Protocols.Epmd;
using PcapAnalyzer.Pipeline.Protocols.Tls;

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
                wire.Handshake = HandshakeBytes.ToWire(handshake);
                wire.Handshake.Connection = HandshakeBytes.ToWire(handshake.Connection, handshake.Started);
                break;
            case ConnectionUpdate update:
                wire.ConnectionUpdate = new Wire.ConnectionUpdate
                {
                    Started = (ulong)update.Started,
                    Connection = HandshakeBytes.ToWire(update.Connection, update.Started)
                };
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
            case SilentConnection silent:
                wire.SilentConnection = ToWire(silent);
                break;
            case Session session:
                wire.Session = SessionBytes.ToWire(session);
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
            Wire.Fact.KindOneofCase.Handshake => Read(wire.Handshake, wire.Handshake.Connection),
            Wire.Fact.KindOneofCase.ConnectionUpdate => new ConnectionUpdate
            {
                Started = (long)wire.ConnectionUpdate.Started,
                Connection = HandshakeBytes.FromWire(wire.ConnectionUpdate.Connection, (long)wire.ConnectionUpdate.Started),
            },
            Wire.Fact.KindOneofCase.TlsSession => FromWire(wire.TlsSession),
            Wire.Fact.KindOneofCase.EpmdExchange => FromWire(wire.EpmdExchange),
            Wire.Fact.KindOneofCase.ConnectionAttempt => FromWire(wire.ConnectionAttempt),
            Wire.Fact.KindOneofCase.SilentConnection => FromWire(wire.SilentConnection),
            Wire.Fact.KindOneofCase.Session => Read(wire.Session),
            Wire.Fact.KindOneofCase.CaptureTotals => FromWire(wire.CaptureTotals),
            _ => null,
        };
        return fact == null ? null : fact with { Number = (int)wire.Number };
    }

    /// <returns>Null for a protocol that this version does not know.</returns>
    internal Handshake? Read(Wire.Handshake wire, Wire.Connection connection)
    {
        foreach (var protocol in protocols)
            if (protocol.Name == wire.Protocol) return HandshakeBytes.FromWire(wire, connection, protocol);
        return null;
    }

    internal Session? Read(Wire.Session wire)
    {
        foreach (var protocol in protocols)
            if (protocol.Name == wire.Protocol) return SessionBytes.FromWire(wire, protocol);
        return null;
    }

    private static Wire.TlsSession ToWire(TlsSession session)
    {
        var wire = new Wire.TlsSession
        {
            Initiator = session.Initiator.ToWire(),
            Acceptor = session.Acceptor.ToWire(),
            Started = (ulong)session.Started,
            InitiatorTls = session.IsInitiatorTls,
            AcceptorTls = session.IsAcceptorTls,
            Connection = HandshakeBytes.ToWire(session.Connection, session.Started),
        };
        if (session.HelloTime != 0) wire.Hello = session.HelloTime - session.Started;
        if (session.AnswerTime != 0) wire.Answer = session.AnswerTime - session.Started;
        if (session.Alert is { } alert) (wire.Alert, wire.AlertBy) = (alert.Name, alert.By.ToWire());
        foreach (var one in session.Transfer) wire.Transfer.Add(HandshakeBytes.ToWire(one, session.Started));
        foreach (var record in session.Sealed) wire.Sealed.Add(record.From == Role.Initiator ? record.Length : -record.Length);
        return wire;
    }

    private static TlsSession FromWire(Wire.TlsSession wire) => new()
    {
        Initiator = wire.Initiator.FromWire(),
        Acceptor = wire.Acceptor.FromWire(),
        Started = (long)wire.Started,
        IsInitiatorTls = wire.InitiatorTls,
        IsAcceptorTls = wire.AcceptorTls,
        HelloTime = wire.HasHello ? (long)wire.Started + wire.Hello : 0,
        AnswerTime = wire.HasAnswer ? (long)wire.Started + wire.Answer : 0,
        Alert = wire.Alert.Length == 0 ? null : new TlsAlert(wire.AlertBy.FromWire(), wire.Alert),
        Sealed = [.. wire.Sealed.Select(length => new SealedRecord(length < 0 ? Role.Acceptor : Role.Initiator, Math.Abs(length)))],
        Transfer = HandshakeBytes.FromWire(wire.Transfer, (long)wire.Started),
        Connection = HandshakeBytes.FromWire(wire.Connection, (long)wire.Started),
    };

    private static Wire.EpmdExchange ToWire(EpmdExchange exchange)
    {
        var wire = new Wire.EpmdExchange
        {
            Client = exchange.Client.ToWire(),
            Server = exchange.Server.ToWire(),
            Request = (uint)exchange.Request,
            Started = (ulong)exchange.Time,
            Frame = (ulong)exchange.Frame,
            Unanswered = exchange.IsUnanswered,
            Dialled = exchange.IsDialled,
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
        Client = wire.Client.FromWire(),
        Server = wire.Server.FromWire(),
        Request = (EpmdRequest)wire.Request,
        Time = (long)wire.Started,
        Frame = (long)wire.Frame,
        Name = wire.HasName ? wire.Name : null,
        Port = wire.HasPort ? (ushort)wire.Port : null,
        IsSuccess = wire.HasSuccess ? wire.Success : null,
        Versions = wire.HasLowestVersion ? ((int)wire.LowestVersion, (int)wire.HighestVersion) : null,
        Names = [.. wire.Names.Select(one => (one.Name, (ushort)one.Port))],
        IsUnanswered = wire.Unanswered,
        IsDialled = wire.Dialled,
        LastTime = (long)wire.Started + wire.LastTime,
    };

    private static Wire.ConnectionAttempt ToWire(ConnectionAttempt attempt) => new()
    {
        From = attempt.From.ToWire(),
        To = attempt.To.ToWire(),
        How = attempt.How,
        Times = (uint)attempt.Times,
        Started = (ulong)attempt.First,
        LastTime = attempt.Last - attempt.First,
        Repeated = attempt.IsRepeated,
    };

    private static ConnectionAttempt FromWire(Wire.ConnectionAttempt wire) => new()
    {
        From = wire.From.FromWire(),
        To = wire.To.FromWire(),
        How = wire.How,
        Times = (int)wire.Times,
        First = (long)wire.Started,
        Last = (long)wire.Started + wire.LastTime,
        IsRepeated = wire.Repeated,
    };

    private static Wire.SilentConnection ToWire(SilentConnection silent) => new()
    {
        Initiator = silent.Initiator.ToWire(),
        Acceptor = silent.Acceptor.ToWire(),
        Started = (ulong)silent.Started,
        OpenUntil = silent.OpenUntil - silent.Started,
        Closed = silent.IsClosed,
    };

    private static SilentConnection FromWire(Wire.SilentConnection wire) => new()
    {
        Initiator = wire.Initiator.FromWire(),
        Acceptor = wire.Acceptor.FromWire(),
        Started = (long)wire.Started,
        OpenUntil = (long)wire.Started + wire.OpenUntil,
        IsClosed = wire.Closed,
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
            ConversationsFromSyn = (ulong)totals.ConversationsFromSyn,
        };
        foreach (var (kind, count) in totals.Undecoded) wire.Undecoded.Add((uint)kind, (ulong)count);
        foreach (var (name, count) in totals.Unopened) wire.Unopened.Add(name, (ulong)count);
        foreach (var (port, count) in totals.OtherPorts) wire.OtherPorts.Add(port, (ulong)count);
        return wire;
    }

    private static CaptureTotals FromWire(Wire.CaptureTotals wire) => new()
    {
        LastTime = wire.LastTime,
        Dropped = (long)wire.Dropped,
        TcpSegments = (long)wire.TcpSegments,
        Conversations = (long)wire.Conversations,
        ConversationsDropped = (long)wire.ConversationsDropped,
        ConversationsFromSyn = (long)wire.ConversationsFromSyn,
        OtherPorts = wire.OtherPorts.ToDictionary(pair => (ushort)pair.Key, pair => (long)pair.Value),
        Unopened = wire.Unopened.ToDictionary(pair => pair.Key, pair => (long)pair.Value),
        Undecoded = wire.Undecoded.ToDictionary(pair => (FrameKind)pair.Key, pair => (long)pair.Value),
    };
}
