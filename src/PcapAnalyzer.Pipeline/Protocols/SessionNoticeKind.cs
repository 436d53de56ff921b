namespace PcapAnalyzer.Pipeline.Protocols;

/// <summary>What single messages of a session tell of the cluster or of their senders.</summary>
public enum SessionNoticeKind
{
    /// <summary>The node <c>Name</c> tells that it lost the node <c>Other</c> (<c>global</c>'s <c>lost_connection</c>).</summary>
    LostConnection,

    /// <summary>The receiver is asked to leave the sender (<c>global</c>'s <c>remove_connection</c>).</summary>
    RemoveConnection,

    /// <summary>A process or application of the sender ended because the node shuts down.</summary>
    Shutdown,

    /// <summary>The peer's age (ns) at this time, by its ping.</summary>
    Age,

    /// <summary>A length beyond what a receiver accepts; <c>Value</c> is the length.</summary>
    FrameTooLarge,

    /// <summary>Bytes that are no message, where none is missing.</summary>
    Malformed,

    /// <summary>A message that the release at hand does not know, by its number.</summary>
    NotUnderstood,

    /// <summary>A call that had no reply within its time limit (<c>Value</c>, ns); <c>Name</c> is the message.</summary>
    CallUnanswered,
}
