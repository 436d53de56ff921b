using PcapAnalyzer.Judging.Sessions;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;
using static PcapAnalyzer.Reports.Vocabularies;

namespace PcapAnalyzer.Reports;

/// <summary>Declares every field of sessions and splits, in JSON order.</summary>
internal static class SessionFields
{
    private static readonly Vocabulary<SessionCloser> Closers = new((SessionCloser.Initiator, "its packets end it"),
        (SessionCloser.Acceptor, "its packets end it"), (SessionCloser.Network, "a device between the nodes"));

    private static readonly Vocabulary<TickTimeSource> TickTimes = new((TickTimeSource.Ticks, "their spacing shows it"),
        (TickTimeSource.Option, "--net-ticktime"), (TickTimeSource.Default, "60 s, assumed"));

    private static readonly Vocabulary<SessionEventKind> Events = new(
        (SessionEventKind.Silence, "no whole message for longer than is healthy"),
        (SessionEventKind.ZeroWindow, "its receive window was zero"),
        (SessionEventKind.LostConnection, "global tells that a node lost another"),
        (SessionEventKind.RemoveConnection, "global asks the receiver to leave"),
        (SessionEventKind.LargeMessage, "one message in many fragments"),
        (SessionEventKind.Flap, "sent again after a timeout"),
        (SessionEventKind.Shutdown, "processes end because the node shuts down"),
        (SessionEventKind.CallUnanswered, "no reply within the call's limit"));

    private static readonly Shape<(JudgedSession Session, Role Role)> Peer = new(f =>
    [
        f.Address("endpoint", "", peer => peer.Session.Facts.EndpointOf(peer.Role)),
        f.OptionalText("node", "from the handshake, from its messages, or from what else is known of its endpoint",
            peer => peer.Session.Judgement.NodeOf(peer.Role)),
        f.Number("creation", "its incarnation",
            peer => peer.Role == Role.Initiator ? peer.Session.Judgement.InitiatorCreation : peer.Session.Judgement.AcceptorCreation),
    ]);

    private static readonly Shape<JudgedSession> Diagnosis = new(f =>
    [
        f.Word("code", "", Codes, session => session.Diagnosis.Code),
        f.Word("certainty", "", Certainties, session => session.Diagnosis.Certainty),
        f.Text("summary", "", session => session.Diagnosis.Summary),
        f.OptionalText("remedy", "", session => session.Diagnosis.Remedy),
        f.Numbers("frames", "the packets that show it", session => session.Diagnosis.Frames),
        f.Texts("logs", "what the nodes will have logged", session => session.Logs, isOptional: true),
        f.Texts("marks", "what is true besides", session => session.Judgement.Marks.Select(mark => mark.Kebab()), isOptional: true),
    ]);

    private static readonly Shape<TickTime> TickTime = new(f =>
    [
        f.Duration("seconds", "its length", time => time.Length),
        f.Word("from", "what tells it", TickTimes, time => time.From),
    ]);

    private static readonly Shape<(JudgedSession Session, Role Role)> Side = new(f =>
    [
        f.Count("ticks", "messages without content that keep it alive", side => Of(side).Ticks),
        f.Count("messages", "whole ones; one in many fragments once, ticks not", side => Of(side).Messages),
        f.Count("bytes", "of the stream behind the handshake", side => Of(side).Bytes),
        f.Count("largest", "bytes of the longest frame", side => Of(side).Largest),
        f.Counts("operations", "", side => Of(side).Operations.Select(pair => (pair.Key, pair.Value))),
        f.Counts("destinations", "messages by the registered name that they are for", side => Of(side).Destinations
            .Select(pair => (pair.Key, pair.Value))),
        f.Duration("tickInterval", "between ticks with nothing between them", side => Of(side).TickSpacings > 1 ? Of(side).TickSpacing
            : null),
        f.Duration("longestSilence", "without a whole message", side => Of(side).LongestSilence),
        f.Duration("silenceAtEnd", "its silence before the first end of the connection, or before that of the capture",
            side => side.Session.SilenceAtEnd(side.Role)),
        f.Count("retransmissions", "segments sent again", side => Of(side).Transport.Retransmissions),
        f.Count("unacknowledged", "bytes that the peer had not acknowledged at the end", side => Of(side).Transport.Unacknowledged),
        f.Duration("zeroWindow", "how long its receive window was zero", side => Of(side).Transport.ZeroWindow),
        f.Count("missing", "bytes that the capture lacks", side => Of(side).Missing),
    ]);

    private static readonly Shape<SessionEvent> Event = new(f =>
    [
        f.Time("time", "when it began", one => one.Time),
        f.Word("kind", "what happened", Events, one => one.Kind),
        f.Word("by", "whose direction it concerns", Vocabularies.Roles, one => one.By),
        f.Duration("duration", "absent of a moment", one => one.Duration > 0 ? one.Duration : null),
        f.OptionalText("detail", "the nodes or the message that it names", one => one.Detail),
        f.Number("frame", "its packet", one => one.Frame > 0 ? one.Frame : null, least: 1),
    ]);

    internal static readonly Shape<JudgedSession> Session = new(f =>
    [
        f.Number("id", "counts from 1", session => session.Id, least: 1),
        f.Number("revision", "how often it was told", session => session.Revision, least: 1),
        f.Number("source", "which of several sources shows it; absent where there is one", session => session.Source, least: 1),
        f.Number("handshake", "the id of its handshake; absent where the capture does not have that", session => session.Handshake,
            least: 1),
        f.Word("protocol", "", Vocabularies.Protocols, session => session.Facts.Protocol.Name),
        f.Object("initiator", "", Peer, session => (session, Role.Initiator)),
        f.Object("acceptor", "", Peer, session => (session, Role.Acceptor)),
        f.Time("started", "the acknowledgement, or the first packet where that is missing", session => session.Facts.Started),
        f.FlagIfTrue("startMissing", "its handshake's acknowledgement is not in the capture", session => !session.Facts.IsAcknowledged),
        f.Time("parted", "when the first node gave it up; absent while both hold it", session => session.Judgement.Parted),
        f.FlagIfTrue("partedInferred", "no packet shows the time: it is computed from the tick time",
            session => session.Judgement.IsPartedInferred),
        f.Time("ended", "the last packet", session => session.Judgement.Ended),
        f.Duration("duration", "from its start until the nodes parted, or its last packet", session => session.Duration),
        f.Word("close", "the first end that TCP shows", Closes, session => session.Close),
        f.Word("closedBy", "whose packets end it, or a device between", Closers, session => session.ClosedBy),
        f.Object("diagnosis", "", Diagnosis, session => session),
        f.Object("ticktime", "how long a silence its nodes accept (net_ticktime)", TickTime,
            session => session.Judgement.TickTime ?? default, session => session.Judgement.TickTime != null),
        f.Object("fromInitiator", "", Side, session => (session, Role.Initiator)),
        f.Object("fromAcceptor", "", Side, session => (session, Role.Acceptor)),
        f.List("events", "silences and notices worth telling", Event, session => session.Judgement.Events.Count,
            (session, at) => session.Judgement.Events[at]),
        f.CountIfAny("eventsLeftOut", "events that were too many to list", session => session.Judgement.EventsLeftOut),
    ])
    { Definition = "session" };

    private static readonly Shape<JudgedSplit> Cause = new(f =>
    [
        f.Number("session", "the id of the first session that was lost", split => split.Cause, least: 1),
        f.Word("code", "", Codes, split => split.Code),
    ]);

    internal static readonly Shape<JudgedSplit> Split = new(f =>
    [
        f.Number("id", "counts from 1 within a source", split => split.Id, least: 1),
        f.Number("revision", "how often it was told", split => split.Revision, least: 1),
        f.Number("source", "which of several sources shows it; absent where there is one", split => split.Source, least: 1),
        f.Time("at", "the last sign of life over the first session that was lost", split => split.Split.At),
        f.Time("detected", "when the first node gave its peer up", split => split.Split.Detected),
        f.Time("healed", "when the first handshake between two groups reached its end", split => split.Split.Healed),
        f.TextLists("groups", "the largest sets of nodes in which each is connected with each", split => split.Split.Groups),
        f.Object("cause", "", Cause, split => split),
        f.Numbers("sessions", "the ids of all sessions that were lost", split => split.Sessions),
        f.Word("certainty", "", Certainties, split => split.Split.Certainty),
        f.Text("summary", "", split => split.Split.Summary),
        f.Text("remedy", "", split => split.Split.Remedy),
    ])
    { Definition = "split" };

    private static SessionSide Of((JudgedSession Session, Role Role) side) => side.Session.Facts.Of(side.Role);
}
