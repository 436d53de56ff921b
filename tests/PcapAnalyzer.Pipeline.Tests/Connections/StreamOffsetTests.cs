using CsCheck;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Pipeline.Tests;

public sealed class StreamOffsetTests
{
    [Fact]
    [HardCase("sequence numbers that wrap, in every place")]
    public void The_offset_nearest_to_the_last_is_found_across_any_wrap() =>
        Gen.Select(Gen.UInt, Gen.Long[0, 1L << 40], Gen.Int).Sample((origin, near, distance) =>
        {
            var offset = near + distance / 2;
            Assert.Equal(offset, StreamOffset.Of(unchecked(origin + (uint)offset), origin, near));
        });
}
