using System.Net;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using Xunit;

namespace PcapAnalyzer.Pipeline.Tests;

public sealed class EndpointTests
{
    [Theory]
    [InlineData("192.0.2.1", 4369, "192.0.2.1:4369")]
    [InlineData("2001:db8::1", 4369, "[2001:db8::1]:4369")]
    [InlineData("::1", 1, "[::1]:1")]
    [InlineData("255.255.255.255", 65535, "255.255.255.255:65535")]
    public void Is_written_as_the_report_writes_it(string address, ushort port, string text) =>
        Assert.Equal(text, Endpoint.From(IPAddress.Parse(address), port).ToString());

    [Fact]
    public void Both_directions_have_one_key()
    {
        var (a, b) = (Endpoint.FromIpv4(1, 2), Endpoint.FromIpv4(1, 3));
        Assert.Equal(FlowKey.Of(a, b, out var ab), FlowKey.Of(b, a, out var ba));
        Assert.True(ab && !ba);
        var seed = new FlowHashSeed();
        Assert.Equal(FlowKey.Of(a, b, out _).Hash(seed), FlowKey.Of(b, a, out _).Hash(seed));
        Assert.NotEqual(FlowKey.Of(a, b, out _), FlowKey.Of(a, a, out _));
    }
}
