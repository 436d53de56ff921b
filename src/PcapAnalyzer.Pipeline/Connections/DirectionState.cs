using static PcapAnalyzer.Pipeline.Connections.DirectionEvent;
using static PcapAnalyzer.Pipeline.Connections.DirectionState;

namespace PcapAnalyzer.Pipeline.Connections;

/// <summary>How far one direction of a connection has come, as far as the capture shows.</summary>
internal enum DirectionState : byte
{
    /// <summary>Nothing is known of it.</summary>
    Closed,

    /// <summary>None of its segments was seen; an acknowledgement of the peer tells where it stands.</summary>
    Unseen,

    /// <summary>Only RSTs were seen that end nothing.</summary>
    Stray,

    /// <summary>Its segments were seen, with or without its SYN.</summary>
    Established,

    /// <summary>Its FIN was seen.</summary>
    FinSeen,

    /// <summary>Its FIN was seen, and the peer acknowledged it.</summary>
    FinAcknowledged,

    /// <summary>It refused the peer's SYN with an RST, and sent nothing else.</summary>
    Refused,

    /// <summary>Its RST was seen.</summary>
    ResetSeen,
}

/// <summary>What a segment means for one direction: the sender's, or the one that it acknowledges.</summary>
internal enum DirectionEvent
{
    /// <summary>The peer acknowledged a byte of it, which tells where it stands.</summary>
    Located,

    /// <summary>It sent a segment other than an RST.</summary>
    Sent,

    /// <summary>It sent an RST outside any window.</summary>
    SentStrayReset,

    SentFin,
    SentReset,

    /// <summary>The peer acknowledged its FIN.</summary>
    FinWasAcknowledged,

    /// <summary>Later segments show that its FIN or RST was forged.</summary>
    EndWasForged,
}

/// <summary>The one table of what a segment does to the state of a direction. What is not in it changes nothing.</summary>
internal static class DirectionTransitions
{
    internal static DirectionState After(this DirectionState state, DirectionEvent what) => (state, what) switch
    {
        (Closed, Located) => Unseen,
        (Stray, Located) => Established,
        (Refused, Located) => ResetSeen,

        (Closed or Unseen or Stray, Sent) => Established,
        (Refused, Sent) => ResetSeen,

        (Closed, SentStrayReset) => Stray,
        (Unseen, SentStrayReset) => Established,

        (_, SentFin) => FinSeen,
        (FinSeen, FinWasAcknowledged) => FinAcknowledged,

        (Closed or Stray or Refused, SentReset) => Refused,
        (_, SentReset) => ResetSeen,

        (_, EndWasForged) => Established,
        _ => state,
    };
}
