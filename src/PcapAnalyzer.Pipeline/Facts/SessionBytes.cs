using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Pipeline.Facts;

/// <summary>Sessions in the form of <c>facts.proto</c>. Times are written since the session's start; what is 0 is absent.</summary>
internal static class SessionBytes
{
    internal static Wire.Session ToWire(Session session)
    {
        var wire = new Wire.Session
        {
            Protocol = session.Protocol.Name,
            Handshake = (uint)session.Handshake,
            Acknowledged = session.IsAcknowledged,
            Recognized = session.IsRecognized,
            DialKnown = session.IsDialKnown,
            Initiator = session.Initiator.ToWire(),
            Acceptor = session.Acceptor.ToWire(),
            Started = (ulong)session.Started,
            LastTime = session.LastTime - session.Started,
            FromInitiator = ToWire(session.FromInitiator, session.Started),
            FromAcceptor = ToWire(session.FromAcceptor, session.Started),
            GivenUp = session.IsGivenUp,
        };
        foreach (var notice in session.Notices) wire.Notices.Add(ToWire(notice, session.Started));
        return wire;
    }

    internal static Session FromWire(Wire.Session wire, IHandshakeProtocol protocol)
    {
        var started = (long)wire.Started;
        return new Session
        {
            Protocol = protocol,
            Handshake = (int)wire.Handshake,
            IsAcknowledged = wire.Acknowledged,
            IsRecognized = wire.Recognized,
            IsDialKnown = wire.DialKnown,
            Initiator = wire.Initiator.FromWire(),
            Acceptor = wire.Acceptor.FromWire(),
            Started = started,
            LastTime = started + wire.LastTime,
            FromInitiator = FromWire(wire.FromInitiator, started, Role.Initiator),
            FromAcceptor = FromWire(wire.FromAcceptor, started, Role.Acceptor),
            Notices = [.. wire.Notices.Select(notice => FromWire(notice, started))],
            IsGivenUp = wire.GivenUp,
        };
    }

    private static Wire.SessionSide ToWire(SessionSide side, long started)
    {
        var wire = new Wire.SessionSide
        {
            Node = side.Node ?? "",
            Ticks = (ulong)side.Ticks,
            Messages = (ulong)side.Messages,
            Bytes = (ulong)side.Bytes,
            Largest = (ulong)side.Largest,
            TickSpacing = (ulong)side.TickSpacing,
            TickSpacings = (uint)side.TickSpacings,
            LastFrame = (ulong)side.LastFrame,
            Cut = side.IsCut,
            Missing = (ulong)side.Missing,
            MostFragments = (ulong)side.MostFragments,
            LargestTook = (ulong)side.LargestTook,
            Transport = ToWire(side.Transport, started),
        };
        if (side.FirstFrameTime != 0) wire.FirstFrameTime = side.FirstFrameTime - started;
        if (side.LastFrameTime != 0) wire.LastFrameTime = side.LastFrameTime - started;
        if (side.LastLifeTime != 0) wire.LastLifeTime = side.LastLifeTime - started;
        if (side.UnansweredPing != 0) wire.UnansweredPing = side.UnansweredPing - started;
        if (side.End is { } end) wire.End = ToWire(end, started);
        foreach (var (name, count) in side.Operations) wire.Operations.Add(name, (ulong)count);
        foreach (var (name, count) in side.Destinations) wire.Destinations.Add(name, (ulong)count);
        foreach (var silence in side.Silences)
            wire.Silences.Add(new Wire.Silence { From = silence.From - started, To = silence.To - started });
        return wire;
    }

    private static SessionSide FromWire(Wire.SessionSide wire, long started, Role role) => new()
    {
        Node = wire.Node.Length == 0 ? null : wire.Node,
        Ticks = (long)wire.Ticks,
        Messages = (long)wire.Messages,
        Bytes = (long)wire.Bytes,
        Largest = (long)wire.Largest,
        Operations = Counts(wire.Operations),
        Destinations = Counts(wire.Destinations),
        TickSpacing = (long)wire.TickSpacing,
        TickSpacings = (int)wire.TickSpacings,
        FirstFrameTime = wire.HasFirstFrameTime ? started + wire.FirstFrameTime : 0,
        LastFrameTime = wire.HasLastFrameTime ? started + wire.LastFrameTime : 0,
        LastFrame = (long)wire.LastFrame,
        LastLifeTime = wire.HasLastLifeTime ? started + wire.LastLifeTime : 0,
        Silences = [.. wire.Silences.Select(silence => new Silence(started + silence.From, started + silence.To))],
        IsCut = wire.Cut,
        Missing = (long)wire.Missing,
        MostFragments = (long)wire.MostFragments,
        LargestTook = (long)wire.LargestTook,
        UnansweredPing = wire.HasUnansweredPing ? started + wire.UnansweredPing : 0,
        Transport = FromWire(wire.Transport, started),
        End = wire.End is { } end ? FromWire(end, started, role) : null,
    };

    private static SortedDictionary<string, long> Counts(IEnumerable<KeyValuePair<string, ulong>> wire) =>
        new(wire.ToDictionary(pair => pair.Key, pair => (long)pair.Value), StringComparer.Ordinal);

    private static Wire.SegmentTrace ToWire(SegmentTrace trace, long started)
    {
        var wire = new Wire.SegmentTrace
        {
            Retransmissions = (uint)trace.Retransmissions,
            Timeouts = (uint)trace.Timeouts,
            Unacknowledged = (ulong)trace.Unacknowledged,
            Resends = (uint)trace.Resends,
            ResentLength = (uint)trace.ResentLength,
            HealedResends = (uint)trace.HealedResends,
            PeerDataMeanwhile = (uint)trace.PeerDataMeanwhile,
            LaterBytes = trace.HasLaterBytes,
            ZeroWindow = (ulong)trace.ZeroWindow,
            LowestTtl = (uint)trace.LowestTtl,
            HighestTtl = (uint)trace.HighestTtl,
        };
        if (trace.UnacknowledgedSince != 0) wire.UnacknowledgedSince = trace.UnacknowledgedSince - started;
        if (trace.ZeroWindowSince != 0) wire.ZeroWindowSince = trace.ZeroWindowSince - started;
        if (trace.LastTime != 0) wire.LastTime = trace.LastTime - started;
        return wire;
    }

    private static SegmentTrace FromWire(Wire.SegmentTrace wire, long started) => new()
    {
        Retransmissions = (int)wire.Retransmissions,
        Timeouts = (int)wire.Timeouts,
        Unacknowledged = (long)wire.Unacknowledged,
        UnacknowledgedSince = wire.HasUnacknowledgedSince ? started + wire.UnacknowledgedSince : 0,
        Resends = (int)wire.Resends,
        ResentLength = (int)wire.ResentLength,
        HealedResends = (int)wire.HealedResends,
        PeerDataMeanwhile = (int)wire.PeerDataMeanwhile,
        HasLaterBytes = wire.LaterBytes,
        ZeroWindow = (long)wire.ZeroWindow,
        ZeroWindowSince = wire.HasZeroWindowSince ? started + wire.ZeroWindowSince : 0,
        LastTime = wire.HasLastTime ? started + wire.LastTime : 0,
        LowestTtl = (int)wire.LowestTtl,
        HighestTtl = (int)wire.HighestTtl,
    };

    private static Wire.SessionEnd ToWire(SessionEnd end, long started)
    {
        var wire = new Wire.SessionEnd
        {
            Reset = end.IsReset,
            Frame = (ulong)end.Frame,
            Time = end.Time - started,
            Ttl = (uint)end.Ttl,
            Ack = end.HasAck,
            Options = end.HasOptions,
            WentOn = end.WentOn,
            ResetLater = end.IsResetLater,
        };
        if (end.AcknowledgedAt != 0) wire.AcknowledgedAt = end.AcknowledgedAt - started;
        return wire;
    }

    private static SessionEnd FromWire(Wire.SessionEnd wire, long started, Role role) =>
        new(role, wire.Reset, (long)wire.Frame, started + wire.Time)
        {
            Ttl = (int)wire.Ttl,
            HasAck = wire.Ack,
            HasOptions = wire.Options,
            WentOn = wire.WentOn,
            IsResetLater = wire.ResetLater,
            AcknowledgedAt = wire.HasAcknowledgedAt ? started + wire.AcknowledgedAt : 0,
        };

    private static Wire.SessionNotice ToWire(SessionNotice notice, long started)
    {
        var wire = new Wire.SessionNotice
        {
            Kind = (uint)notice.Kind,
            By = notice.By.ToWire(),
            Time = notice.Time - started,
            Frame = (ulong)notice.Frame,
            Value = notice.Value,
        };
        if (notice.Name != null) wire.Name = notice.Name;
        if (notice.Other != null) wire.Other = notice.Other;
        return wire;
    }

    private static SessionNotice FromWire(Wire.SessionNotice wire, long started) => new((SessionNoticeKind)wire.Kind, wire.By.FromWire(),
        started + wire.Time, (long)wire.Frame, wire.HasName ? wire.Name : null, wire.HasOther ? wire.Other : null, wire.Value);
}
