using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Testing;

/// <summary>
/// Facts of sessions made by hand, for what reports and screens say of them. Times are in seconds since <see cref="Start"/>.
/// </summary>
public static class SessionFacts
{
    public const long Second = 1_000_000_000;

    /// <summary>2026-11-30 21:10:20 UTC.</summary>
    public const long Start = 1_796_073_020 * Second;

    public static IHandshakeProtocol Erlang { get; } = HandshakeProtocols.All.First(protocol => protocol.Name == "erlang");

    public static long At(double seconds) => Start + (long)(seconds * Second);

    /// <summary>An Erlang session in whose middle the capture begins: a tick each 2 s and a message by each side.</summary>
    /// <param name="number">Its number; its endpoints have it too.</param>
    /// <param name="until">When both sides were last heard.</param>
    public static Session Of(int number, string initiator, string acceptor, double from = 0, double until = 40) => new()
    {
        Number = number,
        Protocol = Erlang,
        IsRecognized = true,
        IsDialKnown = true,
        Initiator = Endpoint.From(System.Net.IPAddress.Parse($"10.20.0.{HostOf(initiator)}"), (ushort)(40000 + number)),
        Acceptor = Endpoint.From(System.Net.IPAddress.Parse($"10.20.0.{HostOf(acceptor)}"), 25672),
        Started = At(from),
        LastTime = At(until),
        FromInitiator = Side(initiator, from, until),
        FromAcceptor = Side(acceptor, from, until),
    };

    public static SessionSide Side(string node, double from, double until) => new()
    {
        Node = node,
        Ticks = (long)((until - from) / 2),
        Messages = 1,
        Bytes = 100,
        Largest = 96,
        Operations = new Dictionary<string, long> { ["REG_SEND"] = 1 },
        Destinations = new Dictionary<string, long> { ["global_name_server"] = 1 },
        TickSpacing = 2 * Second,
        TickSpacings = 4,
        FirstFrameTime = At(from),
        LastFrameTime = At(until),
        LastFrame = 1,
        LastLifeTime = At(until),
        Silences = [new Silence(At(until - 2), At(until))],
        Transport = new SegmentTrace { LastTime = At(until), LowestTtl = 64, HighestTtl = 64 },
    };

    /// <summary>The session whose path died after a time: each side's data are sent again in vain, and it is never closed.</summary>
    public static Session Cut(this Session session, double at, double lastPacket)
    {
        SessionSide Dead(SessionSide side) => side with
        {
            LastFrameTime = At(at),
            LastLifeTime = At(at),
            Silences = [],
            Transport = side.Transport with
            {
                LastTime = At(at),
                Unacknowledged = 4,
                UnacknowledgedSince = At(at + 1),
                Resends = 5,
                Retransmissions = 5,
                Timeouts = 5,
                ResentLength = 4,
            },
        };
        return session with
        {
            LastTime = At(lastPacket),
            FromInitiator = Dead(session.FromInitiator),
            FromAcceptor = Dead(session.FromAcceptor)
        };
    }

    /// <summary>The session as it is after one side's FIN, which the other answered.</summary>
    public static Session ClosedBy(this Session session, Role role, double at)
    {
        var end = new SessionEnd(role, false, 90, At(at)) { AcknowledgedAt = At(at) };
        var answer = new SessionEnd(role.Other(), false, 91, At(at) + 1_000_000);
        return session with
        {
            LastTime = At(at) + 1_000_000,
            FromInitiator = session.FromInitiator with { End = role == Role.Initiator ? end : answer },
            FromAcceptor = session.FromAcceptor with { End = role == Role.Acceptor ? end : answer },
        };
    }

    /// <param name="until">Time of the capture's last packet.</param>
    public static ClusterView Cluster(double until, params Session[] sessions) => Cluster(until, null, sessions);

    /// <inheritdoc cref="Cluster(double, Session[])"/>
    public static ClusterView Cluster(double until, Pseudonyms? names, params Session[] sessions)
    {
        var cluster = new ClusterView(CookieRing.Empty, HandshakeProtocols.All, new FactLimits()) { Pseudonyms = names };
        foreach (var session in sessions) cluster.Tell(session);
        cluster.Tell(new CaptureTotals { Number = 1, LastTime = At(until) });
        return cluster;
    }

    public static CaptureReport Report(params ClusterView[] clusters) =>
        ReportBuilder.Build([.. clusters.Select(cluster => new AnalyzedCapture(cluster, new CaptureSource
        {
            Kind = "file", Name = "made.pcap", Packets = 0, Bytes = 0, LinkTypes = [], Interfaces = [], Comments = [], Problems = [],
        }))]);

    /// <summary>A third node keeps both nodes of a dead path: api lost both others, which keep each other.</summary>
    public static Session[] Split() =>
    [
        Of(1, "api@db-1", "jobs@db-2", until: 60).Cut(at: 67, lastPacket: 170),
        Of(2, "web@db-3", "api@db-1", until: 60).Cut(at: 67.2, lastPacket: 170),
        Of(3, "web@db-3", "jobs@db-2", until: 280),
    ];

    private static int HostOf(string node) => 40 + (node[^1] - '0');
}
