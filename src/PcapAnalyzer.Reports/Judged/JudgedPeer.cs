using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Reports;

/// <summary>One side of a handshake, as it introduced itself.</summary>
public sealed record JudgedPeer
{
    public required Endpoint Endpoint { get; init; }

    /// <summary>The node name as sent.</summary>
    public string? Node { get; init; }

    /// <summary>The address at which it says it accepts connections.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>An estimate of the release, from the wire format or the flags.</summary>
    public string? Release { get; init; }

    public CapabilityBits? Flags { get; init; }

    /// <summary>A hidden node: it asks not to be listed.</summary>
    public bool IsHidden { get; init; }

    public uint? Creation { get; init; }

    public bool HasName => Node is { Length: > 0 };

    /// <summary>The node's name, or its endpoint when it has no name.</summary>
    public string Called => Node is { Length: > 0 } name ? name : Endpoint.ToString();

    /// <summary><see cref="Called"/>, safe to print.</summary>
    public string Shown => ReportText.Safe(Called);

    public string Address => Endpoint.Address.ToString();

    internal static JudgedPeer Of(Handshake handshake, Role role)
    {
        var introduction = handshake.First(role == Role.Initiator ? MessageKind.Name : MessageKind.Challenge)?.Content;
        var flags = handshake.FlagsOf(role) is { } bits && handshake.Protocol.Flags is { } meaning ? new CapabilityBits(bits, meaning)
            : (CapabilityBits?)null;
        return new JudgedPeer
        {
            Endpoint = handshake.EndpointOf(role),
            Node = introduction?.Node,
            ConnectionString = introduction?.ConnectionString is { Length: > 0 } advertised ? advertised : null,
            Release = introduction?.Generation ?? flags?.Meaning.ReleaseOf(flags.Value.Bits),
            Flags = flags,
            IsHidden = flags?.Meaning.IsHidden(flags.Value.Bits) ?? false,
            Creation = handshake.CreationOf(role),
        };
    }
}
