namespace PcapAnalyzer.Core.Handshakes;

/// <summary>Flags that a receiver demands and a node lacks.</summary>
/// <param name="Since">The first release that demands them.</param>
/// <param name="Names">Their names.</param>
public sealed record MissingFlags(string Since, IReadOnlyList<string> Names);

/// <summary>What the capability flags of a protocol mean.</summary>
public interface ICapabilityFlags
{
    /// <summary>The names of the bits that are set, lowest first; an unknown bit is <c>BIT_n</c>.</summary>
    IReadOnlyList<string> NamesOf(ulong flags);

    /// <summary>True when the node does not want to be listed among the visible ones.</summary>
    bool IsHidden(ulong flags);

    /// <summary>The releases that send such flags: an estimate.</summary>
    string ReleaseOf(ulong flags);

    /// <summary>What a receiver misses, by the release that began to demand it, oldest first.</summary>
    /// <param name="flags">Of the node that is judged.</param>
    /// <param name="demander">Of the receiver; null when they were not seen, then every release's rules are tried.</param>
    IReadOnlyList<MissingFlags> MissingOf(ulong flags, ulong? demander);
}
