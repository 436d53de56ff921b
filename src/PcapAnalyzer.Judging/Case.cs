using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Judging;

/// <summary>One handshake before the judge: its facts, its proofs, and the questions that the rules ask.</summary>
internal sealed class Case(Handshake handshake, ClusterView cluster, TlsSession? tls = null)
{
    private HandshakeState? _state;

    internal Handshake Handshake => handshake;

    internal ClusterView Cluster => cluster;

    /// <summary>The session that hides the handshake; null where it can be read.</summary>
    internal TlsSession? Tls => tls;

    internal Proof? Initiator { get; } = cluster.Proof(handshake, Role.Initiator);

    internal Proof? Acceptor { get; } = cluster.Proof(handshake, Role.Acceptor);

    internal Departure? FirstLeft => handshake.Connection.FirstLeft;

    /// <summary>The acknowledgement, if the table of transitions accepted it.</summary>
    internal HandshakeMessage? Acknowledgement =>
        handshake.State == HandshakeState.Acknowledged ? handshake.First(MessageKind.ChallengeAck) : null;

    /// <summary>A challenge or proof was sent twice with different content, so no digest can be checked.</summary>
    internal bool HasConflictingProof =>
        new[] { MessageKind.Challenge, MessageKind.ChallengeReply,
            MessageKind.ChallengeAck }.Any(kind => Proof.IsConflicting(handshake, kind));

    /// <summary>The outcome rests on headers, on who left, or on what was not said, and other segments contradict those.</summary>
    internal bool IsContested(Outcome outcome) => handshake.Connection.IsContested
        && outcome is (Outcome.Closed or Outcome.Incomplete or Outcome.AuthenticationFailed or Outcome.ProtocolViolation);

    internal bool HasReply => handshake.First(MessageKind.ChallengeReply) is { From: Role.Initiator };

    internal bool IsIncomplete => handshake.Connection.IsIncomplete || handshake.Messages.Any(message => message.IsCut);

    /// <summary>How far it had come when the initiator gave up. Messages that came later are listed and change nothing.</summary>
    internal HandshakeState State => _state ??= StateInTime();

    internal HandshakeMessage? LastMessage => handshake.Messages.LastOrDefault(message => !IsLate(message));

    /// <summary>Time from the last message to the first FIN or RST, or to the end of the capture (ns).</summary>
    internal long Silence => Math.Max(0, (FirstLeft?.Time ?? cluster.Facts.Totals.LastTime) - (LastMessage?.Time ?? handshake.Started));

    /// <summary>How long the protocol waits in this state (ns); null when it waits for ever.</summary>
    internal long? WaitLimit => handshake.Protocol.WaitLimit(State);

    internal MessageContent? Name => handshake.First(MessageKind.Name)?.Content;

    /// <summary>The flags that one side lacks and the other may demand.</summary>
    internal IReadOnlyList<MissingFlags> MissingFlags(Role of) =>
        handshake.Protocol.Flags is { } rules && handshake.FlagsOf(of) is { } flags
            ? rules.MissingOf(flags, cluster.FlagsOf(handshake, of.Other())) : [];

    /// <summary>Names or advertised addresses of both sides are equal: a node that reached itself, or thinks so.</summary>
    internal bool HasSameIdentity =>
        (handshake.NodeOf(Role.Initiator) is { Length: > 0 } name && name == handshake.NodeOf(Role.Acceptor))
        || (handshake.ConnectionStringOf(Role.Initiator) is { Length: > 0 } address
            && address == handshake.ConnectionStringOf(Role.Acceptor));

    /// <summary>The acceptor proved one of the given cookies, here or elsewhere in the capture.</summary>
    internal bool IsAcceptorsCookieGiven => cluster.NodeOf(handshake, Role.Acceptor) is { } node && cluster.Proved(node).Count > 0;

    /// <summary>Each side proved a given cookie, and not the same one.</summary>
    internal bool ProveDifferentCookies => Initiator is { IsVerified: true } && Acceptor is { IsVerified: true }
        && Initiator.Cookie != Acceptor.Cookie;

    /// <summary>Each side proves to the other the cookie that the other proved elsewhere.</summary>
    internal bool AreCookiesCrossed => ProveDifferentCookies
        && cluster.NodeOf(handshake, Role.Initiator) is { } initiator && cluster.NodeOf(handshake, Role.Acceptor) is { } acceptor
        && cluster.Proved(initiator).Contains(Acceptor!.Cookie!) && cluster.Proved(acceptor).Contains(Initiator!.Cookie!);

    /// <inheritdoc cref="IHandshakeProtocol.SetupTime"/>
    internal long SetupTime => handshake.Protocol.SetupTime;

    /// <inheritdoc cref="IHandshakeProtocol.MayBeForeign"/>
    internal bool MayBeForeign => Name is { } name && handshake.Protocol.MayBeForeign(name);

    /// <summary>The acceptor left before it had received the whole name: nothing in the name can be its reason.</summary>
    internal bool IsNameUnread => handshake.First(MessageKind.Name) is { } name && FirstLeft is { By: Role.Acceptor } left
        && left.Acknowledges < name.StreamTo;

    /// <summary>The initiator asked EPMD for a node of another name and was sent here.</summary>
    internal bool LooksForOther =>
        cluster.LookupOf(handshake) is { } lookup && handshake.NodeOf(Role.Acceptor) is { } node
            && !node.StartsWith($"{lookup.Name}@", StringComparison.Ordinal);

    /// <summary>
    /// The acceptor sent it after the initiator had left. A message that the initiator's FIN acknowledges was in time, in whatever order
    /// they were captured.
    /// </summary>
    internal bool IsLate(HandshakeMessage message) =>
        message.From == Role.Acceptor && handshake.Connection.InitiatorLeft is { } left && message.Frames.Count > 0
            && message.Frames[^1] > left.Frame && message.StreamTo > left.Acknowledges;

    private HandshakeState StateInTime()
    {
        if (!handshake.Messages.Any(IsLate)) return handshake.State;
        var state = HandshakeState.Connected;
        foreach (var message in handshake.Messages.Where(message => !IsLate(message)))
            state = HandshakeTransitions.Next(state, message.From, message.Content)
                ?? HandshakeTransitions.Enter(state, message.From, message.Content) ?? state;
        return state;
    }

    internal bool IsOthersTurn(Role role) => HandshakeTransitions.Due(State) is { } due && due.By != role;

    /// <summary>The node's name, or its endpoint, or both where the two names are equal. Escape it before you show it.</summary>
    internal string Called(Role role)
    {
        var endpoint = handshake.EndpointOf(role);
        if (cluster.NodeOf(handshake, role) is not { Length: > 0 } node)
            return role == Role.Acceptor && cluster.Endpoints.GetValueOrDefault(handshake.Acceptor)?.Alive is { } alive
                ? $"{cluster.Shown(alive)} at {endpoint}" : endpoint.ToString();
        return node == cluster.NodeOf(handshake, role.Other()) ? $"{cluster.Shown(node)} at {endpoint}" : cluster.Shown(node);
    }
}
