using CsCheck;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using Xunit;

namespace PcapAnalyzer.Pipeline.Tests;

public sealed class FlowKeyTests
{
    /// <summary>From so few that equal ones meet often, and some that differ in one half or bit only.</summary>
    private static readonly Gen<ulong> Half = Gen.OneOf(0UL, 1UL, 0xFFFF_0000_0000UL, 0xFFFF_0A00_0001UL, 1UL << 63, ulong.MaxValue);

    private static readonly Gen<Endpoint> AnyEndpoint = Gen.Select(Half, Half, Gen.OneOf<ushort>(0, 1, 80, ushort.MaxValue),
        (high, low, port) => new Endpoint(high, low, port));

    [Fact]
    public void Both_directions_have_one_key_with_the_lower_endpoint_first() => Gen.Select(AnyEndpoint, AnyEndpoint).Sample((one, other) =>
    {
        var there = FlowKey.Of(one, other, out var fromLow);
        var back = FlowKey.Of(other, one, out var backFromLow);
        Assert.Equal(there, back);
        Assert.Equal(one.CompareTo(other) <= 0, fromLow);
        Assert.Equal(other.CompareTo(one) <= 0, backFromLow);
        Assert.Equal((one, other), fromLow ? (there.Low, there.High) : (there.High, there.Low));
    });

    [Fact]
    public void Keys_are_equal_when_both_endpoints_are_equal() =>
        Gen.Select(AnyEndpoint, AnyEndpoint, AnyEndpoint, AnyEndpoint).Sample((a, b, c, d) =>
    {
        var (one, other) = (FlowKey.Of(a, b, out _), FlowKey.Of(c, d, out _));
        var areSame = (a, b) == (c, d) || (a, b) == (d, c);
        Assert.Equal(areSame, one.Equals(other));
        Assert.Equal(areSame, one.Equals((object)other));
        if (!areSame) return;
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
        var seed = new FlowHashSeed();
        Assert.Equal(one.Hash(seed), other.Hash(seed));
    });

    [Fact]
    public void Every_bit_of_a_key_changes_its_hash()
    {
        var seed = new FlowHashSeed();
        var (one, other) = (new Endpoint(0x2001_0db8_0000_0000, 1, 40000), new Endpoint(0x2001_0db8_0000_0000, 2, 80));
        var hashes = new HashSet<ulong> { FlowKey.Of(one, other, out _).Hash(seed) };
        for (var bit = 0; bit < 64; bit++)
        {
            hashes.Add(FlowKey.Of(one with { High = one.High ^ 1UL << bit }, other, out _).Hash(seed));
            hashes.Add(FlowKey.Of(one with { Low = one.Low ^ 1UL << bit }, other, out _).Hash(seed));
            if (bit < 16) hashes.Add(FlowKey.Of(one with { Port = (ushort)(one.Port ^ 1 << bit) }, other, out _).Hash(seed));
        }
        // one of them makes two addresses one; two of 64 bits meet never
        Assert.True(hashes.Count >= 1 + 64 + 64 + 16 - 2, $"{hashes.Count}");
    }
}
