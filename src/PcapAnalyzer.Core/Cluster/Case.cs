using PcapAnalyzer.Core.Handshakes;

namespace PcapAnalyzer.Core.Cluster;

/// <summary>One handshake before the judge: its facts, its proofs, and the questions that rules and words ask of them.</summary>
internal sealed class Case(Handshake handshake, ClusterView cluster)
{
    internal Handshake Handshake => handshake;

    internal ClusterView Cluster => cluster;

    internal Proof? Initiator { get; } = cluster.Proof(handshake, Role.Initiator);

    internal Proof? Acceptor { get; } = cluster.Proof(handshake, Role.Acceptor);

    internal Departure? FirstLeft => handshake.Connection.FirstLeft;

    /// <summary>The acknowledgement, where the table accepted it.</summary>
    internal HandshakeMessage? Acknowledgement => handshake.State == HandshakeState.Acknowledged ? handshake.First(MessageKind.ChallengeAck) : null;

    internal bool HasReply => handshake.First(MessageKind.ChallengeReply) is { From: Role.Initiator };

    internal bool IsIncomplete => handshake.Connection.IsIncomplete || handshake.Messages.Any(message => message.IsCut);

    internal HandshakeMessage? LastMessage => handshake.Messages.Count > 0 ? handshake.Messages[^1] : null;

    /// <summary>From the last message to the first end, or to the end of the capture (ns).</summary>
    internal long Silence => Math.Max(0, (FirstLeft?.Time ?? cluster.Facts.LastTime) - (LastMessage?.Time ?? handshake.Started));

    /// <summary>How long the protocol waits where this handshake stands.</summary>
    internal long? WaitLimit => handshake.Protocol?.WaitLimit(handshake.State);

    /// <summary>The name is in a form that current releases do not read.</summary>
    internal bool IsOldForm => handshake.First(MessageKind.Name)?.Content.IsOldForm ?? false;

    /// <summary>Names or advertised addresses of both sides are equal: a node that reached itself, or thinks so.</summary>
    internal bool HasSameIdentity =>
        (handshake.NodeOf(Role.Initiator) is { Length: > 0 } name && name == handshake.NodeOf(Role.Acceptor))
        || (handshake.ConnectionStringOf(Role.Initiator) is { Length: > 0 } address && address == handshake.ConnectionStringOf(Role.Acceptor));

    internal bool LeftBefore(Role role, HandshakeMessage message) =>
        handshake.Connection.Left(role) is { } left && message.Frames.Count > 0 && left.Frame < message.Frames[^1];

    internal bool IsOthersTurn(Role role) => HandshakeTransitions.Due(handshake.State) is { } due && due.By != role;

    /// <summary>The node's name, or its endpoint, or both where the two names are equal; safe to show once escaped.</summary>
    internal string Called(Role role)
    {
        var endpoint = handshake.EndpointOf(role).ToString();
        if (cluster.NodeOf(handshake, role) is not { Length: > 0 } node) return endpoint;
        return node == cluster.NodeOf(handshake, role.Other()) ? $"{node} at {endpoint}" : node;
    }
}
