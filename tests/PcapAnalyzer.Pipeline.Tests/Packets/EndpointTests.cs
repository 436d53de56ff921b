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
    public void An_endpoint_is_printed_as_in_the_report(string address, ushort port, string text) =>
        Assert.Equal(text, Endpoint.From(IPAddress.Parse(address), port).ToString());

    [Fact]
    public void Both_directions_of_a_connection_have_one_key()
    {
        var (a, b) = (Endpoint.FromIpv4(1, 2), Endpoint.FromIpv4(1, 3));
        Assert.Equal(FlowKey.Of(a, b, out var ab), FlowKey.Of(b, a, out var ba));
        Assert.True(ab && !ba);
        var seed = new FlowHashSeed();
        Assert.Equal(FlowKey.Of(a, b, out _).Hash(seed), FlowKey.Of(b, a, out _).Hash(seed));
        Assert.NotEqual(FlowKey.Of(a, b, out _), FlowKey.Of(a, a, out _));
    }
}
