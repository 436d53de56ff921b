using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Pipeline.Facts;

/// <summary>Connections that never came to be: a SYN, and no SYN in return.</summary>
public sealed record ConnectionAttempt : Fact
{
    /// <summary>How an attempt failed that found no host at all: its target has port 0.</summary>
    public const string ArpUnanswered = "arp-unanswered";

    /// <summary>The host that dialled; port 0.</summary>
    public required Endpoint From { get; init; }

    public required Endpoint To { get; init; }

    /// <summary><c>syn-unanswered</c>, <c>refused</c>, <see cref="ArpUnanswered"/>, or the ICMP code.</summary>
    public required string How { get; init; }

    /// <summary>Connections attempted; repeated SYNs of one are not counted.</summary>
    public required int Times { get; init; }

    /// <summary>Time of the first SYN, in nanoseconds since 1970.</summary>
    public required long First { get; init; }

    /// <summary>Time of the last packet.</summary>
    public required long Last { get; init; }

    /// <summary>A SYN was sent again, so that an answer had its time.</summary>
    public required bool IsRepeated { get; init; }
}
