using System.Numerics;

namespace PcapAnalyzer.Pipeline.Protocols;

/// <summary>Flags that a receiver demands and a node lacks.</summary>
/// <param name="Since">The first release that demands them.</param>
/// <param name="Names">Their names.</param>
public sealed record MissingFlags(string Since, IReadOnlyList<string> Names);

/// <summary>What the capability flags of a protocol mean.</summary>
public interface ICapabilityFlags
{
    /// <summary>The name of a bit, in capital letters, digits and underscores; of an unknown one <c>BIT_n</c>.</summary>
    string NameOf(int bit);

    /// <summary>True when the node does not want to be listed among the visible ones.</summary>
    bool IsHidden(ulong flags);

    /// <summary>The releases that send such flags: an estimate; null for a library, which tells none.</summary>
    string? ReleaseOf(ulong flags);

    /// <summary>What a receiver misses, by the release that began to demand it, oldest first.</summary>
    /// <param name="flags">Of the node that is judged.</param>
    /// <param name="demander">Of the receiver; null when they were not seen, then every release's rules are tried.</param>
    IReadOnlyList<MissingFlags> MissingOf(ulong flags, ulong? demander);
}

/// <summary>Capability flags that a node told.</summary>
public readonly record struct CapabilityBits(ulong Bits, ICapabilityFlags Meaning)
{
    /// <summary>The names of the bits that are set, lowest first.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            var names = new List<string>();
            for (var rest = Bits; rest != 0; rest &= rest - 1) names.Add(Meaning.NameOf(BitOperations.TrailingZeroCount(rest)));
            return names;
        }
    }
}
