using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Google.Protobuf;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Pipeline.Facts;

/// <summary>Handshakes and what became of their connections, in the form of <c>facts.proto</c>.</summary>
internal static class HandshakeBytes
{
    /// <summary>A handshake without its connection, which changes while the rest stays.</summary>
    internal static Wire.Handshake ToWire(Handshake handshake)
    {
        var started = handshake.Started;
        var wire = new Wire.Handshake
        {
            Protocol = handshake.Protocol.Name,
            Initiator = handshake.Initiator.ToWire(),
            Acceptor = handshake.Acceptor.ToWire(),
            Started = (ulong)started,
            Stage = (uint)handshake.Stage,
            State = (uint)handshake.State,
        };
        if (!handshake.Messages.IsEmpty) wire.Header = (uint)handshake.Messages[0].Header;
        var before = new Before(handshake.Messages.IsEmpty ? 0 : handshake.Messages[0].Header);
        foreach (var message in handshake.Messages) wire.Messages.Add(ToWire(message, started, ref before));
        foreach (var odd in handshake.Anomalies)
        {
            wire.Anomalies.Add(new Wire.Anomaly
            {
                Kind = (uint)odd.Kind,
                By = odd.By.ToWire(),
                Expected = odd.Expected,
                Seen = odd.Seen,
                Frame = (ulong)odd.Frame,
                Time = odd.Time - started,
            });
        }
        foreach (var one in handshake.Transfer) wire.Transfer.Add(ToWire(one, started));
        return wire;
    }

    internal static Handshake FromWire(Wire.Handshake wire, Wire.Connection connection, IHandshakeProtocol protocol)
    {
        var started = (long)wire.Started;
        var messages = new HandshakeMessage[wire.Messages.Count];
        var before = new Before((int)wire.Header);
        for (var at = 0; at < messages.Length; at++) messages[at] = FromWire(wire.Messages[at], protocol, started, ref before);
        return new Handshake
        {
            Protocol = protocol,
            Initiator = wire.Initiator.FromWire(),
            Acceptor = wire.Acceptor.FromWire(),
            Started = started,
            Stage = (HandshakeStage)wire.Stage,
            State = (HandshakeState)wire.State,
            Messages = ImmutableCollectionsMarshal.AsImmutableArray(messages),
            Anomalies = wire.Anomalies.Count == 0 ? [] : [.. wire.Anomalies.Select(odd =>
                new Anomaly((AnomalyKind)odd.Kind, odd.By.FromWire(), odd.Expected, odd.Seen, (long)odd.Frame, started + odd.Time))],
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

    /// <param name="message">The message.</param>
    /// <param name="started">What its time is counted from.</param>
    /// <param name="before">What the messages before it tell.</param>
    private static Wire.Message ToWire(HandshakeMessage message, long started, ref Before before)
    {
        var wire = new Wire.Message
        {
            From = message.From.ToWire(),
            Time = message.Time - started,
            StreamFrom = message.StreamFrom - before.End(message.From),
            Body = UnsafeByteOperations.UnsafeWrap(message.Body),
            Cut = message.IsCut,
            Conflicting = message.IsConflicting,
        };
        if (message.Header != before.Header) wire.Header = (uint)message.Header;
        if (message.Length != message.Body.Length) wire.Length = (ulong)message.Length;
        wire.ParsedAs = message.ParsedAs is not { } parsedAs ? Wire.ParsedAs.Anybodys : parsedAs == message.From ? Wire.ParsedAs.Senders
            : Wire.ParsedAs.Peers;
        before.End(message.From) = message.StreamTo;
        for (var i = 0; i < message.Frames.Count; i++)
        {
            wire.Frames.Add(message.Frames[i] - before.Frame);
            before.Frame = message.Frames[i];
        }
        return wire;
    }

    private static HandshakeMessage FromWire(Wire.Message wire, IHandshakeProtocol protocol, long started, ref Before before)
    {
        var body = wire.Body.ToByteArray();
        var from = wire.From.FromWire();
        var parsedAs = wire.ParsedAs switch
        {
            Wire.ParsedAs.Senders => from,
            Wire.ParsedAs.Peers => from.Other(),
            _ => (Role?)null,
        };
        var length = wire.HasLength ? (long)wire.Length : body.Length;
        var header = wire.HasHeader ? (int)wire.Header : before.Header;
        protocol.TryParse(body, new MessageFrame(header, length), parsedAs, withFields: true, out var content);
        var frames = new long[wire.Frames.Count];
        for (var i = 0; i < frames.Length; i++) frames[i] = before.Frame += wire.Frames[i];
        var message = new HandshakeMessage(
            content, from, started + wire.Time, frames, length, before.End(from) + wire.StreamFrom, header, body, parsedAs)
        {
            IsCut = wire.Cut,
            IsConflicting = wire.Conflicting,
        };
        before.End(message.From) = message.StreamTo;
        return message;
    }

    internal static Wire.Transfer ToWire(TransferEvent one, long started)
    {
        var wire = new Wire.Transfer { Kind = (uint)one.Kind, By = one.By.ToWire(), Count = (ulong)one.Count };
        if (one.Kind == TransferEventKind.MissingBytes) wire.Before = (uint)one.Before;
        else (wire.Time, wire.LastTime, wire.Frame) = (one.Time - started, one.LastTime - started, (ulong)one.Frame);
        return wire;
    }

    internal static TransferEvent[] FromWire(IReadOnlyList<Wire.Transfer> all, long started)
    {
        TransferEvent One(Wire.Transfer wire) => (TransferEventKind)wire.Kind == TransferEventKind.MissingBytes
            ? new TransferEvent(TransferEventKind.MissingBytes, wire.By.FromWire(), (long)wire.Count, (int)wire.Before, 0, 0, 0)
            : new TransferEvent(
                (TransferEventKind)wire.Kind, wire.By.FromWire(), (long)wire.Count, 0, started + wire.Time, started + wire.LastTime,
                    (long)wire.Frame);
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

    /// <summary>What the messages before one tell, so that it takes fewer bytes.</summary>
    private ref struct Before(int header)
    {
        private long _initiator;
        private long _acceptor;

        internal readonly int Header => header;

        /// <summary>The last frame number.</summary>
        internal long Frame;

        /// <summary>Where the last message of a side ended.</summary>
        [UnscopedRef]
        internal ref long End(Role role) => ref role == Role.Initiator ? ref _initiator : ref _acceptor;
    }
}
