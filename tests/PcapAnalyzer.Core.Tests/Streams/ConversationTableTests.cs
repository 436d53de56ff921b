using PcapAnalyzer.Core.Packets;
using PcapAnalyzer.Core.Streams;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Core.Tests.Streams;

public sealed class ConversationTableTests
{
    private const long Second = 1_000_000_000;

    private static FlowKey Key(int port) => FlowKey.Of(Endpoint.FromIpv4(1, (ushort)port), Endpoint.FromIpv4(2, 80), out _);

    [Fact]
    public void Idle_conversations_go_by_frame_time()
    {
        var ended = new List<Conversation>();
        var table = new ConversationTable(Analysis.Options with { IdleTimeout = 10 * Second }, ended.Add);
        var first = table.Add(Key(1), 0);
        table.Add(Key(2), 5 * Second);
        Assert.Empty(ended);
        table.Add(Key(3), 11 * Second);
        Assert.Equal([first], ended);
        Assert.Null(table.Find(Key(1)));
        table.EndAll();
        Assert.Equal(3, ended.Distinct().Count());
    }

    [Fact]
    public void The_cap_bites_and_is_counted()
    {
        var ended = 0;
        var table = new ConversationTable(Analysis.Options with { MaxConversations = 10 }, _ => ended++);
        for (var i = 0; i < 100; i++) table.Add(Key(i), 0);
        Assert.Equal((90, 90L, 100L), (ended, table.Dropped, table.Total));
        table.EndAll();
        Assert.Equal(100, ended);
    }
}
