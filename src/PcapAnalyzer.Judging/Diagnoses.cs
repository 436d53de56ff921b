using System.Net;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Judging.Sessions;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;
using static PcapAnalyzer.Judging.DiagnosisCode;

namespace PcapAnalyzer.Judging;

/// <summary>The catalogue: for each code what happened, in words for a tired operator, and what to change where.</summary>
internal static class Diagnoses
{
    internal static Diagnosis Explain(Outcome outcome, DiagnosisCode code, Certainty certainty, Case it)
    {
        var (summary, remedy) = Words(code, it);
        if (it.Tls == null && code is (CookieMismatch or CookieNotGiven)
            && it.Cluster.UnusableCookies(it.Handshake.Protocol) is { Count: > 0 } untried)
            summary += $" Cookie {string.Join(", ", untried)} was not tried: it has characters that this protocol cannot encode.";
        if (it.Cluster.Facts.Totals.Dropped is > 0 and var dropped
            && (it.Handshake.Connection.MissingBytes > 0 || code is BytesMissing or CaptureStartsLate or CaptureEndsEarly or PeerSilent))
            summary += $" The capture itself dropped {dropped} packet{(dropped == 1 ? "" : "s")}; what is missing here may be among them.";
        if (it.IsContested(outcome))
            summary += " Some segments contradict the rest of this connection or go beyond it: they are forged, "
                + "or the capture lacks what they belong to.";
        return new Diagnosis(code, summary, remedy, certainty, Frames(code, it));
    }

    private static (string Summary, string? Remedy) Words(DiagnosisCode code, Case it)
    {
        var initiator = it.Called(Role.Initiator);
        var acceptor = it.Called(Role.Acceptor);
        var words = it.Handshake.Protocol.Words;
        return code switch
        {
            Ok => ($"{initiator} and {acceptor} both proved cookie {it.Initiator!.Cookie}.", null),
            CookieNotGiven => (
                $"{initiator} and {acceptor} accepted each other, with a cookie that is none of those given.",
                "Give the cookie of these nodes with --cookie-file or --cookies to have their proofs verified."),
            Unverified => (Unchecked(it, initiator, acceptor),
                it.Cluster.HasCookies ? null : "Give the cookie with --cookie-file to have the proofs verified."),
            CookieMismatch => (MismatchOf(it, initiator, acceptor) + AcceptedBefore(it),
                $"Give both nodes the same cookie: compare {words.Cookie} on {initiator} with that on {acceptor}, "
                + $"change the wrong one and {words.Restart}."
                + (it.ProveDifferentCookies && words.PeerCookies != null ? $" {words.PeerCookies}" : "")
                + (it.Initiator is { IsMismatch: true, Near: null } && it.MayBeForeign && words.ForeignDigest != null
                    ? $" {words.ForeignDigest}" : "")),
            CookieCrossed => (
                $"{initiator} proved the cookie of {acceptor}, and {acceptor} that of {initiator}: "
                + "each uses for the other the cookie that the other has.",
                "Set a cookie for the peer on one side only, or give both nodes one cookie."
                + (words.PeerCookies != null ? $" {words.PeerCookies}" : "")),
            SameIdentity => (
                $"{initiator} reached a node with its own name or address, {acceptor}, which took the caller for itself "
                    + $"and closed{(it.Initiator is { IsVerified: true } ? "; the cookie is right" : "")}.",
                "Give each node a name and an advertised host:port of its own; look for two containers that both advertise localhost."),
            DuplicateConnection => (Duplicate(it, initiator, acceptor), null),
            DeadSessionWins => (
                $"{acceptor} preferred an older session with {initiator}, and that one is dead: nothing was acknowledged on it since "
                + $"{SplitWords.Clock(it.Cluster.DeadSince(it.Handshake)!.Value)}.",
                $"Stop the old session on {acceptor}, or wait until TCP gives it up (a quarter of an hour); a lower tcp_retries2 or "
                + "TCP_USER_TIMEOUT on its host makes that sooner."),
            NameInUse => NameIsInUse(it, initiator, acceptor),
            SimultaneousConnect => (
                $"{initiator} and {acceptor} dialled each other at the same time: "
                    + "this connection made way for the one that the greater name opened. That is normal.",
                null),
            AliveStall => (
                $"{acceptor} already had a connection to {initiator} and asked whether to go on; "
                    + $"{initiator} said yes and no challenge followed: releases before 0.16 stall here for ever.",
                $"Upgrade both nodes, give each its own name, and restart {initiator} once the old connection is gone."),
            NotAllowed => (
                $"{acceptor} refused {initiator} with status not_allowed"
                    + (it.MissingFlags(Role.Initiator).Count == 0 && it.Handshake.FlagsOf(Role.Initiator) != null
                        ? ", though it has every flag that any release demands" : "") + $": {words.Refused}.",
                $"Allow {initiator} on {acceptor}, or let it dial a node that does."),
            MandatoryFlagsMissing => FlagsAreMissing(it, initiator, acceptor),
            NameMismatch => (
                $"{initiator} closed as soon as it had read the name of {acceptor}: "
                    + $"a node does that when it dialled another name{Dialled(it)}. The usual causes are {words.NameMismatch}.",
                $"Let {initiator} dial exactly the name in the challenge, "
                    + $"{(it.Handshake.NodeOf(Role.Acceptor) is { } name ? it.Cluster.Shown(name) : "as the node there calls itself")}, "
                    + $"or name that node as it is dialled (-name, -sname).{Forwarded(it)}"),
            NameMalformed => (
                $"{initiator} introduced itself with a name that no node may have ({it.Name?.NameFault}), and {acceptor} "
                + $"{(it.Handshake.State == HandshakeState.Refused ? "refused it" : "closed without a word")}.",
                "Correct the name: one @, with something on either side."),
            VersionUnsupported => (
                $"{initiator} sent its name in a form ({Form(it)}) that {it.Name?.UnreadBy ?? "some releases"} cannot read, "
                    + $"and {acceptor} closed without a status, as those do.",
                "Run releases on both nodes that understand each other: upgrade the older one."),
            PeerSilent => (Silent(it, initiator, acceptor),
                "Look at the silent node: is it frozen, overloaded, or is something between the two swallowing packets?"
                + (it.State == HandshakeState.NameSent && words.UnreadName != null ? $" {words.UnreadName}" : "")
                + (it.State == HandshakeState.StatusSent && words.StatusOnly != null ? $" {words.StatusOnly}" : "")),
            PeerOverloaded => (
                $"{acceptor} took the name of {initiator}, and closed without a status "
                    + $"after {Durations.Text(it.Silence)}: {words.SilentGiveUp}.",
                $"Find out what keeps the node server of {acceptor} busy; {initiator} may simply try again."),
            PeerClosed => (ClosedBy(it, initiator, acceptor),
                "Read the log of the node that closed, at that time; a reset can also come from a firewall or a killed process."),
            TlsFailed when it.Tls!.Alert == null => (
                $"{initiator} and {acceptor} could not agree on TLS: all that {initiator} sent encrypted has the size of an alert.",
                $"Read the log of {initiator}, which names the alert: "
                + $"{initiator} objects to the certificate or the TLS options of {acceptor}."),
            TlsFailed => (
                $"{initiator} and {acceptor} could not agree on TLS: {it.Called(it.Tls!.Alert!.By)} sent the alert {it.Tls.Alert.Name}.",
                TlsAlerts.Remedy(it.Tls.Alert.Name, it.Called(it.Tls.Alert.By), it.Called(it.Tls.Alert.By.Other()))),
            TlsToPlain => (
                $"{initiator} speaks TLS to {acceptor}, "
                    + $"{(it.Handshake.Connection.FirstLeft == null ? "which has not answered" : "which never answered in TLS")}: "
                    + "a plain node waits for a length and reads the TLS hello as one.",
                "Switch TLS on or off on both nodes alike."),
            PlainToTls => (
                $"{initiator} sent a plain name and {acceptor} answered with a TLS record.",
                $"Switch TLS on for {initiator}, or off for {acceptor}."),
            DiagnosisCode.Encrypted => (
                $"The session between {initiator} and {acceptor} is TLS from its first byte: its handshake cannot be read.",
                null),
            FrameTooLarge => (
                $"{Anomaly(it).By.Word()} {it.Called(Anomaly(it).By)} announced {Anomaly(it).Seen}; "
                    + $"nodes accept at most {it.Handshake.Protocol.MaxMessageLength} bytes and close.",
                "Find out what speaks to this port: another protocol, or a damaged stream."),
            WrongService => (
                $"{initiator} sent its name to {acceptor}, and {Anomaly(it).Seen} answered: another program listens there, not a node.",
                $"Correct the port that {initiator} dials: EPMD, a port mapping or a configured port leads to the wrong program."),
            UnknownStatus => (
                $"{acceptor} answered with "
                    + (it.Cluster.Pseudonyms != null ? "a status"
                        : $"status {Escaped.Of(it.Handshake.First(MessageKind.Status)?.Content.Status ?? "")}")
                    + ", which no known release sends.",
                $"Compare the releases of {initiator} and {acceptor}."),
            OutOfOrderMessage or MalformedMessage => (
                $"{it.Called(Anomaly(it).By)} broke the protocol: expected {Anomaly(it).Expected}, got {Anomaly(it).Seen}.",
                $"Find out what runs as {it.Called(Anomaly(it).By)}: a foreign implementation, or a release that does not fit."),
            CaptureStartsLate =>
                ($"The capture starts after the handshake of {initiator} and {acceptor} began, and what it shows does not tell the end.",
                "Capture again from before the connection is made."),
            BytesMissing => (
                $"{it.Handshake.Connection.MissingBytes} bytes of this handshake are not in the capture, so its end is not known.",
                "Capture again without drops: a larger buffer, a narrower filter, a longer snapshot length."),
            CaptureEndsEarly when it.Handshake.Connection.IsGivenUp => (
                $"The handshake of {initiator} and {acceptor} was not read to its end: "
                    + "more connections were open at once than this program follows, and it gave up the oldest.",
                "Look at fewer: --filter and --port choose them."),
            CaptureEndsEarly => ($"The capture ends before the handshake of {initiator} and {acceptor} does.", "Capture for longer."),
            _ => ($"{initiator} and {acceptor}", null),
        };
    }

    /// <summary>Says which side proved which cookie, and whose proof fits none.</summary>
    private static string MismatchOf(Case it, string initiator, string acceptor)
    {
        if (it.Tls != null)
            return $"{acceptor} closed right after what must be the proof of {initiator}, as a node does that expects a different cookie: "
                + "the session is TLS, and the sizes of its records are those of a name, ok, a challenge and a proof.";
        var closing = it.FirstLeft is { } left ? $" {it.Called(left.By)} closed." : "";
        var says = string.Join(", ", new[] { Says(it.Initiator, initiator), Says(it.Acceptor, acceptor) }.OfType<string>());
        if (it.Initiator is { IsVerified: false, IsMismatch: false })
            return $"{acceptor} closed right after the proof of {initiator}, as a node does that expects a different cookie; "
                + $"{(it.Cluster.HasCookies ? "the proof cannot be checked" : "no cookie was given to check the proof")}.";
        return it.Acceptor == null
            ? $"{acceptor} refused the proof of {initiator}: {says}"
                + $"{(it.Initiator is { IsOfNoScheme: true } ? "" : $", and {acceptor} expects a different cookie")}."
            : $"The cookies of {initiator} and {acceptor} differ: {says}.{closing}";
    }

    /// <summary>The best clue to a wrong cookie: that it was right a moment before.</summary>
    private static string AcceptedBefore(Case it) => it.Cluster.AcceptedBefore(it.Handshake) is not { } before ? ""
        : $" {Durations.Text(it.Handshake.Started - before)} before, the two had accepted each other: look for what changed since.";

    private static string? Says(Proof? proof, string node) => proof?.Verdict switch
    {
        null => null,
        Verdict.Verified => $"{node} used cookie {proof.Cookie}",
        Verdict.Mismatch when proof.IsOfNoScheme => $"{node} sent a digest of {proof.Digest!.Length} bytes, which no scheme makes",
        Verdict.Mismatch when proof.Near is { } near => $"{node} used cookie {near.Cookie} {near.Words}",
        Verdict.Mismatch => $"{node} used a cookie that is none of those given",
        _ => $"{node} used a cookie that cannot be checked",
    };

    private static string Unchecked(Case it, string initiator, string acceptor)
    {
        var why = !it.Cluster.HasCookies ? "no cookie was given to verify their proofs"
            : it.HasConflictingProof
                ? "a challenge or proof was sent twice with different content, and which copy the node took cannot be known"
            : new[] { it.Initiator, it.Acceptor }.Any(proof => proof?.IsVerified ?? false)
                ? "only one of the two proofs is in the capture with its challenge"
            : "their proofs are not in the capture with their challenges";
        return $"{initiator} and {acceptor} accepted each other; {why}.";
    }

    private static string Duplicate(Case it, string initiator, string acceptor) => it.Handshake.State switch
    {
        HandshakeState.Refused => $"{acceptor} gave up this connection with {initiator} for another one between the two.",
        HandshakeState.Acknowledged =>
            $"{initiator} and {acceptor} accepted each other, and dropped this connection at once for another one "
                + "between the two that lives on: normal when nodes dial each other twice.",
        _ => $"{acceptor} closed this connection with {initiator} while another one between the two was up: "
            + "normal when nodes dial each other twice.",
    };

    private static (string, string?) NameIsInUse(Case it, string initiator, string acceptor)
    {
        var remedy = $"Look for a second node called {initiator}: two machines, a container that was started again, "
            + "a restart before the old connection was gone. Give each its own name.";
        if (it.Handshake.First(MessageKind.Status)?.Content.Answer != StatusAnswer.Alive)
            return ($"{acceptor} refused: another attempt of a node called {initiator} is under way there.", remedy);
        return it.Acknowledgement != null
            ? ($"{acceptor} still had a connection to a node called {initiator} and dropped it for this one, which was established.",
                remedy)
            : ($"{acceptor} still had a connection to a node called {initiator}, asked whether to drop it, and was told no.", remedy);
    }

    private static (string, string?) FlagsAreMissing(Case it, string initiator, string acceptor)
    {
        var isInitiators = it.Handshake.State == HandshakeState.Refused;
        var (lacking, demanding) = isInitiators ? (initiator, acceptor) : (acceptor, initiator);
        var missing = string.Join("; ", it.MissingFlags(isInitiators ? Role.Initiator : Role.Acceptor)
            .Select(flags => $"{string.Join(", ", flags.Names)} (demanded since {flags.Since})"));
        var how = isInitiators ? $"{acceptor} refused {initiator} with status not_allowed"
            : $"{initiator} closed after the challenge of {acceptor}";
        return (
            $"{how}: {lacking} lacks flags that {demanding} may demand: {missing}.",
            $"Upgrade {lacking}, or its library, to a release that has them."
                + $"{(isInitiators ? $" If it has long been let in, look at the allow-list of {acceptor} instead." : "")}");
    }

    private static string Dialled(Case it) =>
        it.LooksForOther ? $": it had asked EPMD for {it.Cluster.Shown(it.Cluster.LookupOf(it.Handshake)!.Name!)}" : "";

    /// <summary>A name with another address than the one that was dialled.</summary>
    private static string Forwarded(Case it) => it.Handshake.NodeOf(Role.Acceptor) is { } node && it.Cluster.Pseudonyms == null
        && IPAddress.TryParse(node[(node.IndexOf('@') + 1)..], out var named) && !named.Equals(it.Handshake.Acceptor.Address)
            ? $" It was reached at {it.Handshake.Acceptor.Address}: "
                + "behind a port forward, tunnel or NAT a node must be dialled by its own name all the same."
            : "";

    private static string Form(Case it) => it.Name?.Generation ?? $"version {it.Name?.Version}";

    private static string Silent(Case it, string initiator, string acceptor)
    {
        var due = HandshakeTransitions.Due(it.State);
        var waiting = it.WaitLimit is { } limit ? $"its setup timeout is {Durations.Text(limit)}"
            : "the protocol has no limit there and may wait for ever";
        if (due is not { } what) return $"{acceptor} acknowledged {initiator} only after {initiator} had given up.";
        var end = it.FirstLeft is { } left ? $"until {it.Called(left.By)} closed" : "until the capture ends";
        return $"{it.Called(what.By)} owed a {what.What} and said nothing for {Durations.Text(it.Silence)}, {end}; {waiting}.";
    }

    private static string ClosedBy(Case it, string initiator, string acceptor)
    {
        var left = it.FirstLeft;
        var who = left?.By == Role.Initiator ? initiator : acceptor;
        var how = left?.IsReset ?? false ? "reset" : "closed";
        var after = it.LastMessage is { } last ? $"{Durations.Text(it.Silence)} after the {last.From.Word()}'s {last.Kind.Word()}"
            : "before any message";
        return $"{who} {how} the connection {after}; {Unusable(it) ?? "nothing in the capture says why"}.";
    }

    /// <summary>A node that dials with a cookie that its protocol cannot encode crashes at the challenge.</summary>
    private static string? Unusable(Case it)
    {
        var labels = it.State == HandshakeState.Challenged && it.FirstLeft?.By == Role.Initiator
            ? it.Cluster.UnusableCookies(it.Handshake.Protocol) : [];
        return labels.Count == 0 ? null
            : $"cookie {string.Join(", ", labels)} has characters that this protocol cannot encode, "
                + "which crashes the node that dials with it; a name that is not the one dialled looks the same";
    }

    private static Anomaly Anomaly(Case it) => it.Handshake.Anomalies[0];

    private static IReadOnlyList<long> Frames(DiagnosisCode code, Case it)
    {
        var frames = new List<long>();
        if (code is OutOfOrderMessage or MalformedMessage or FrameTooLarge or PlainToTls) frames.Add(Anomaly(it).Frame);
        else if (code is Ok or CookieNotGiven or CookieMismatch or Unverified)
            frames.AddRange([.. it.Initiator?.Message.Frames ?? [], .. it.Acceptor?.Message.Frames ?? []]);
        else if (it.LastMessage is { } last) frames.AddRange(last.Frames);
        if (it.FirstLeft is { } left && code is not (Ok or CookieNotGiven or Unverified)) frames.Add(left.Frame);
        frames.Sort();
        for (var i = frames.Count - 1; i > 0; i--)
            if (frames[i] == frames[i - 1]) frames.RemoveAt(i);
        return frames;
    }
}
