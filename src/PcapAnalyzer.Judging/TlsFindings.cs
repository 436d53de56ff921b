using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Judging.Sessions;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Judging;

/// <summary>What goes wrong before a TLS listener of ractor_cluster: a dial in plain text, and a client that says nothing.</summary>
internal static class TlsFindings
{
    private const long Millisecond = 1_000_000;
    private const long Second = 1_000_000_000;

    /// <summary>A TLS listener closes at once (ns) when a name comes.</summary>
    private const long RefusalTime = Second;

    /// <summary>A node dials the nodes that its peer lists within this time (ns) of its own dial.</summary>
    private const long ListTime = 10 * Second;

    /// <summary>An answer that takes longer (ns) was kept waiting.</summary>
    private const long AnswerTime = Second;

    /// <summary>A listener that was waiting for a client goes on this long (ns) after that one left.</summary>
    private const long GoesOnTime = 100 * Millisecond;

    /// <summary>TLS at this port is a web server's.</summary>
    private const ushort WebPort = 443;

    /// <summary>The most silent connections that one search looks at.</summary>
    private const int MostLookedAt = 256;

    internal static IEnumerable<Finding> Of(ClusterView cluster) =>
        cluster.Facts.TlsSessions.Count == 0 ? [] : [.. PlainDials(cluster), .. Blocked(cluster)];

    /// <summary>Names in clear that a listener closed at once without a word, where the cluster speaks TLS.</summary>
    private static IEnumerable<Finding> PlainDials(ClusterView cluster)
    {
        var tls = cluster.Facts.TlsSessions.Where(session => session is
        {
            IsInitiatorTls: true, IsAcceptorTls: true,
            Acceptor.Port: not WebPort
        }).ToList();
        if (tls.Count == 0) return [];
        var listeners = tls.Select(session => session.Acceptor).ToHashSet();
        var dials = tls.GroupBy(session => session.Initiator.Host)
            .ToDictionary(dialled => dialled.Key, dialled => dialled.OrderBy(session => session.Started).ToList());
        var speaking = new Dictionary<Endpoint, Endpoint>();
        foreach (var session in tls)
        {
            speaking.TryAdd(session.Initiator.Host, session.Acceptor);
            speaking.TryAdd(session.Acceptor.Host, session.Acceptor);
        }
        TlsSession? DialBefore(Handshake handshake)
        {
            if (!dials.TryGetValue(handshake.Initiator.Host, out var all)) return null;
            var at = NodeHistory.IndexAfter(all, one => one.Started, handshake.Started) - 1;
            return at >= 0 && handshake.Started - all[at].Started <= ListTime && all[at].Acceptor != handshake.Acceptor ? all[at] : null;
        }
        var plain = new Lazy<HashSet<Endpoint>>(() => PlainHosts(cluster));
        return
        [
            .. from handshake in cluster.WithoutAcceptor
               where IsClosedAtName(handshake)
               let isListener = listeners.Contains(handshake.Acceptor)
               where isListener || (speaking.ContainsKey(handshake.Acceptor.Host) && !plain.Value.Contains(handshake.Acceptor.Host)
                   && !plain.Value.Contains(handshake.Initiator.Host))
               group handshake by (handshake.Initiator.Host, handshake.Acceptor, handshake.NodeOf(Role.Initiator), isListener) into same
               select PlainDial(same.Key.Item3, same.First(), same.Count(), same.Key.isListener ? null : speaking[same.Key.Acceptor.Host],
                   DialBefore(same.First()), cluster),
        ];
    }

    /// <summary>A name came and nothing else, and the acceptor closed at once in order.</summary>
    private static bool IsClosedAtName(Handshake handshake) => !handshake.Protocol.HasTicks && handshake.State == HandshakeState.NameSent
        && handshake.Anomalies.Count == 0 && handshake.Connection is
        {
            IsIncomplete: false, LastByteFromAcceptor: 0, IsContested: false,
            FirstLeft: { By: Role.Acceptor, IsReset: false } left
        }
        && handshake.First(MessageKind.Name) is { } name && left.Time - name.Time is >= 0 and <= RefusalTime;

    /// <summary>Hosts with a node that speaks in plain text.</summary>
    private static HashSet<Endpoint> PlainHosts(ClusterView cluster)
    {
        var hosts = cluster.Endpoints.Where(pair => pair.Value.IsAnswering).Select(pair => pair.Key.Host).ToHashSet();
        foreach (var session in cluster.Facts.Sessions)
        {
            hosts.Add(session.Initiator.Host);
            hosts.Add(session.Acceptor.Host);
        }
        return hosts;
    }

    private static Finding PlainDial(string? name, Handshake first, int times, Endpoint? speaksWith, TlsSession? before,
        ClusterView cluster)
    {
        var node = name is { Length: > 0 } ? cluster.Shown(name) : first.Initiator.ToString();
        var listener = speaksWith is { } other
            ? $"whose host speaks TLS ({(other.Host == first.Acceptor.Host ? "as the listener at" : "with")} {other})" : "which speaks TLS";
        var why = before != null ? $" {node} had dialled {before.Acceptor} with TLS {Durations.Text(first.Started - before.Started)} "
            + "before: a transitive dial follows so, and is always plain."
            : " A transitive dial does that; a dial by hand without TLS looks the same.";
        return new Finding(
            DiagnosisCode.TransitivePlainDial,
            times,
            $"{node} sent its name in clear {Findings.TimesOf(times)} to {first.Acceptor}, {listener}, and was closed at once.{why}",
            "Use isolated mode and dial each node with TLS yourself: ractor_cluster dials the nodes that its peer lists in plain TCP, "
                + "also where the listeners want TLS.")
        {
            From = first.Initiator.Address.ToString(),
            To = first.Acceptor,
            Certainty = speaksWith == null && before != null ? Certainty.Proven : Certainty.Inferred,
        };
    }

    /// <summary>TLS hellos without an answer while another client of the same listener said nothing.</summary>
    private static IEnumerable<Finding> Blocked(ClusterView cluster)
    {
        if (cluster.Facts.SilentConnections.Count == 0) return [];
        var silent = cluster.Facts.SilentConnections.GroupBy(one => one.Acceptor)
            .ToDictionary(group => group.Key, group => group.OrderBy(one => one.Started).ToList());
        return
        [
            .. from session in cluster.Facts.TlsSessions
               where session is { IsInitiatorTls: true, HelloTime: > 0,
                   Connection: { IsAcceptorSeen: true, IsIncomplete: false, IsGivenUp: false } }
               where silent.ContainsKey(session.Acceptor)
               let waited = WaitOf(session, cluster)
               where waited.Until - session.HelloTime >= AnswerTime
               let holder = HolderOf(session, waited.Until, waited.IsAnswered, silent[session.Acceptor], cluster)
               where holder != null
               group (session, waited) by holder into held
               select Blocked(held.Key, [.. held.Select(one => one.session)], held.MaxBy(one => one.waited.Until - one.session.HelloTime),
                   cluster),
        ];
    }

    private static (long Until, bool IsAnswered) WaitOf(TlsSession session, ClusterView cluster) =>
        session.AnswerTime > 0 ? (session.AnswerTime, true)
        : session.Connection.LastByteFromAcceptor != 0 ? (0, true)
        : (session.Connection.FirstLeft?.Time ?? cluster.Facts.Totals.LastTime, false);

    /// <summary>
    /// The silent client for whose leaving the answer waited; where none came, one that was there before and stayed. The second tells
    /// something of a ractor listener only, which takes one client after the other.
    /// </summary>
    private static SilentConnection? HolderOf(TlsSession session, long until, bool isAnswered, List<SilentConnection> all,
        ClusterView cluster)
    {
        var isKnown = cluster.Endpoints.ContainsKey(session.Acceptor);
        if (isKnown && cluster.ProtocolAt(session.Acceptor).HasTicks) return null;
        // Bytes that nobody acknowledged did not reach the listener's host: that is no listener's fault.
        if (!isAnswered && (!isKnown || session.Connection.Retransmissions > 0)) return null;
        SilentConnection? holder = null;
        var last = NodeHistory.IndexAfter(all, one => one.Started, session.HelloTime) - 1;
        for (var i = last; i >= 0 && i > last - MostLookedAt; i--)
        {
            var one = all[i];
            var fits = isAnswered ? one.IsClosed && until - one.OpenUntil is >= 0 and <= GoesOnTime : one.OpenUntil >= until;
            if (fits) holder = one; // the one that came first
        }
        return holder;
    }

    private static Finding Blocked(SilentConnection holder, List<TlsSession> blocked,
        (TlsSession Session, (long Until, bool IsAnswered) Waited) longest, ClusterView cluster)
    {
        var (session, waited) = longest;
        var left = holder.IsClosed ? "" : " and is still there";
        var others = blocked.Count == 1 ? "" : $" So did {blocked.Count - 1} more.";
        var answer = waited.IsAnswered ? $"; the answer came {Durations.Text(waited.Until - holder.OpenUntil)} after the silent client had "
            + "left" : ", and got no answer";
        return new Finding(
            DiagnosisCode.TlsListenerBlocked,
            blocked.Count,
            $"{holder.Initiator} opened {holder.Acceptor} at {SplitWords.Clock(holder.Started)} and sent nothing for "
                + $"{Durations.Text(holder.OpenUntil - holder.Started)}{left}. "
                + $"Meanwhile {session.Initiator} waited {Durations.Text(waited.Until - session.HelloTime)} behind its TLS "
                    + $"hello{answer}.{others}",
            $"Do not let health checks or scans only open {holder.Acceptor}, and close the silent connection: "
                + "ractor_cluster takes one TLS handshake after the other, without a time limit.")
        {
            From = holder.Initiator.Address.ToString(),
            To = holder.Acceptor,
            Node = cluster.Endpoints.GetValueOrDefault(holder.Acceptor)?.Called is { } called ? cluster.Shown(called) : null,
            Certainty = Certainty.Inferred,
        };
    }
}
