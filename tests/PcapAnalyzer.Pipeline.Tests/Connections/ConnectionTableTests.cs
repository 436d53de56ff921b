using System.Runtime.CompilerServices;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Pipeline.Tests;

public sealed class ConnectionTableTests
{
    private const long Second = 1_000_000_000;

    private static FlowKey Key(int port) => FlowKey.Of(Endpoint.FromIpv4(1, (ushort)port), Endpoint.FromIpv4(2, 80), out _);

    [Fact]
    public void Idle_connections_expire_by_frame_time()
    {
        var ended = new List<FlowKey>();
        var table = new ConnectionTable(new ConnectionLimits { IdleTimeout = 10 * Second }, (ref flow, _) => ended.Add(flow.Key));
        table.Add(Key(1), 0);
        table.Add(Key(2), 5 * Second);
        Assert.Empty(ended);
        table.Add(Key(3), 11 * Second);
        Assert.Equal([Key(1)], ended);
        Assert.Equal(-1, table.Find(Key(1)));
        table.EndAll();
        Assert.Equal(3, ended.Distinct().Count());
    }

    [Fact]
    [HardCase("floods of connections")]
    public void Connections_beyond_the_limit_are_evicted_and_counted()
    {
        var ended = 0;
        var table = new ConnectionTable(new ConnectionLimits { MaxConnections = 10 }, (ref _, _) => ended++);
        for (var i = 0; i < 100; i++) table.Add(Key(i), 0);
        Assert.Equal((90, 90L, 100L), (ended, table.Dropped, table.Total));
        table.EndAll();
        Assert.Equal(100, ended);
    }

    [Theory]
    [InlineData(50, 1_000_000)]
    [InlineData(3_000, 1_000_000)]
    [InlineData(3_000, 700)]
    [InlineData(60_000, 1_000_000)]
    public void The_table_finds_and_forgets_as_a_dictionary_does(int keys, int most)
    {
        var random = new Random(keys + most);
        var model = new Dictionary<FlowKey, int>();
        var ended = 0;
        var table = new ConnectionTable(new ConnectionLimits { MaxConnections = most, IdleTimeout = 40_000 }, (ref flow, conversation) =>
        {
            ended++;
            Assert.True(model.Remove(flow.Key));
            Assert.Equal(flow.FirstTime % 3 == 0, conversation != null && Unsafe.AreSame(ref flow, ref conversation.Headers));
        });
        for (var step = 0; step < 200_000; step++)
        {
            var number = random.Next(keys);
            var key = FlowKey.Of(Endpoint.FromIpv4((uint)(number / 4 * 256), (ushort)(number % 4)), Endpoint.FromIpv4(2, 80), out _);
            var found = table.Find(key);
            Assert.Equal(model.GetValueOrDefault(key, -1), found);
            if (found < 0)
            {
                model[key] = found = table.Add(key, step);
                if (step % 3 == 0) table.Watch(found);
            }
            else if (random.Next(3) == 0) table.End(found);
            if (step % 50_000 == 0) Assert.All(model, one => Assert.Equal(one.Value, table.Find(one.Key)));
        }
        Assert.InRange(model.Count, 1, most);
        table.EndAll();
        Assert.Empty(model);
        Assert.Equal(table.Total, ended);
    }

    [Theory]
    [InlineData(20, 1_000_000)]
    [InlineData(2_000, 1_000_000)]
    [InlineData(2_000, 700)]
    public void Connections_with_one_key_are_found_by_their_numbers(int keys, int most)
    {
        var random = new Random(keys + most);
        var model = new Dictionary<FlowKey, Dictionary<uint, int>>();
        var ended = 0;
        var limits = new ConnectionLimits { MaxConnections = most, IdleTimeout = 40_000 };
        var table = new ConnectionTable(limits, (ref flow, _) =>
        {
            ended++;
            Assert.True(model[flow.Key].Remove(flow.Low.Origin));
        });
        for (var step = 0; step < 100_000; step++)
        {
            var key = Key(random.Next(keys));
            if (!model.TryGetValue(key, out var twins)) model[key] = twins = [];
            Assert.Equal(twins.Count > 0, table.Find(key) >= 0);
            if (twins.Count > 0 && random.Next(3) > 0)
            {
                var (origin, place) = twins.ElementAt(random.Next(twins.Count));
                var segment = new TcpSegment
                {
                    Flow = key,
                    FromLow = true,
                    Sequence = origin + (uint)random.Next(100),
                    Flags = TcpFlags.Ack
                };
                if (twins.Count > 1) Assert.Equal(place, table.Choose(segment));
                Assert.Equal(place, table.Find(key));
                if (random.Next(4) == 0) table.End(place);
            }
            else
            {
                var place = table.Add(key, step);
                var origin = (uint)step << 12;
                table[place].Low = new Direction { Origin = origin, State = DirectionState.Established };
                twins[origin] = place;
            }
            Assert.InRange(twins.Count, 0, limits.MaxTwins);
        }
        table.EndAll();
        Assert.All(model.Values, Assert.Empty);
        Assert.Equal(table.Total, ended);
    }

    [Fact]
    public async Task A_free_slot_is_found_at_once()
    {
        const int Places = 300_000;
        var table = new ConnectionTable(new ConnectionLimits { MaxConnections = Places }, (ref _, _) => { });
        FlowKey Key(int number) => FlowKey.Of(Endpoint.FromIpv4((uint)number, 1), Endpoint.FromIpv4(2, 80), out _);
        for (var i = 0; i < Places; i++) table.Add(Key(i), 0);
        table.EndAll();
        var filled = Task.Run(() =>
        {
            for (var i = 0; i < Places; i++) table.End(table.Add(Key(i), 0));
        }, TestContext.Current.CancellationToken);
        // a search through every slot takes minutes
        await filled.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(0, table.Dropped);
    }
}
