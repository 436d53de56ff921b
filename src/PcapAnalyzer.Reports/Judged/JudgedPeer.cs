using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Reports;

/// <summary>One side of a handshake, as it introduced itself.</summary>
public sealed record JudgedPeer
{
    public required Endpoint Endpoint { get; init; }

    /// <summary>Its name as it was sent.</summary>
    public string? Node { get; init; }

    /// <summary>Where it says it accepts connections.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>Releases that speak its wire form or send its flags, an estimate.</summary>
    public string? Release { get; init; }

    public CapabilityBits? Flags { get; init; }

    /// <summary>It does not want to be listed.</summary>
    public bool IsHidden { get; init; }

    public uint? Creation { get; init; }

    public bool HasName => Node is { Length: > 0 };

    /// <summary>The node's name, or its endpoint where it has none.</summary>
    public string Called => Node is { Length: > 0 } name ? name : Endpoint.ToString();

    /// <summary>The same, safe to print.</summary>
    public string Shown => ReportText.Safe(Called);

    /// <summary>The IP address, without the port.</summary>
    public string Address => Endpoint.Address.ToString();

    internal static JudgedPeer Of(Handshake handshake, Role role)
    {
        var introduction = handshake.First(role == Role.Initiator ? MessageKind.Name : MessageKind.Challenge)?.Content;
        var flags = handshake.FlagsOf(role) is { } bits && handshake.Protocol.Flags is { } meaning ? new CapabilityBits(bits, meaning) : (CapabilityBits?)null;
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
