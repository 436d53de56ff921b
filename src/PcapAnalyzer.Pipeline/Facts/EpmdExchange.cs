using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols.Epmd;

namespace PcapAnalyzer.Pipeline.Facts;

/// <summary>One request to an Erlang Port Mapper Daemon, and its answer as far as it was seen.</summary>
public sealed record EpmdExchange : Fact
{
    public required Endpoint Client { get; init; }

    public required Endpoint Server { get; init; }

    public required EpmdRequest Request { get; init; }

    /// <summary>Time of the request.</summary>
    public required long Time { get; init; }

    /// <summary>The frame with the request's first byte.</summary>
    public required long Frame { get; init; }

    /// <summary>The name without its host.</summary>
    public string? Name { get; init; }

    /// <summary>The distribution port that was registered or found.</summary>
    public ushort? Port { get; init; }

    /// <summary>Registered, or found; null without an answer.</summary>
    public bool? IsSuccess { get; init; }

    /// <summary>Lowest and highest handshake version that the node speaks.</summary>
    public (int Lowest, int Highest)? Versions { get; init; }

    /// <summary>Answer to <see cref="EpmdRequest.Names"/>.</summary>
    public IReadOnlyList<(string Name, ushort Port)> Names { get; init; } = [];

    /// <summary>Whole, without an answer, and nothing of one is missing in the capture.</summary>
    public bool IsUnanswered { get; init; }

    /// <summary>The client's host dialled the port that it was told.</summary>
    public bool IsDialled { get; init; }

    /// <summary>Time of the answer, or of the last packet.</summary>
    public long LastTime { get; init; }
}
