using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>Conversations over a bad network: our streams against what was sent, and against tshark's.</summary>
public sealed class FollowTests(ITestOutputHelper output)
{
    private const int Conversations = 1280;

    /// <summary>tshark looks at each packet once for each stream that it follows: small files are quicker.</summary>
    private const int InOneFile = 64;

    [Fact]
    [Trait("Only", "test-all")]
    [HardCase("streams against tshark")]
    public void Streams_equal_tsharks_or_a_named_rule_says_why_not()
    {
        var explained = Rules.All.ToDictionary(rule => rule, _ => (Streams: 0, Bytes: 0));
        var cut = 0;
        var (streams, same) = (0, 0);
        for (var first = 0; first < Conversations; first += InOneFile)
        {
            Each(Enumerable.Range(first, InOneFile), (number, history, ours, theirs) =>
            {
                IsTrue(number, history, ours);
                streams++;
                // tshark does not tell where a snapshot length cut, so that nothing stands in its place any more.
                var isCut = history.HasCuts && ours.Present.SequenceEqual(theirs.Present);
                if (isCut) cut++;
                var differences = isCut ? [] : Differences(number, history, ours, theirs);
                foreach (var (rule, bytes) in differences) explained[rule] = (explained[rule].Streams + 1, explained[rule].Bytes + bytes);
                if (differences.Count == 0 && !isCut) same++;
            });
        }
        output.WriteLine($"{streams} streams: {same} the same, {cut} the same but for what a snapshot length cut, "
            + "which tshark does not tell");
        foreach (var (rule, count) in explained) output.WriteLine($"{count.Streams,5} streams, {count.Bytes,6} bytes: {rule.Name}");
        Assert.Equal(2 * Conversations, streams);
        Assert.True(cut > 0);
        Assert.All(explained, rule => Assert.True(rule.Value.Streams > 0, $"a rule that nothing needs: {rule.Key.Name}"));
    }

    /// <summary>
    /// Each byte was captured at its place, the first of all that were, or the first when it was due; and what was captured is not missing.
    /// </summary>
    private static void IsTrue(int number, History history, Stream ours)
    {
        for (var offset = ours.Start; offset < ours.End; offset++)
        {
            if (ours[offset] == Stream.Missing) Assert.True(!history.IsCaptured(offset) || history.IsCut(offset),
                $"conversation {number}, {Side(history)}: the byte at {offset} is there\n{history}");
            else Assert.True(history.IsDue(offset, ours[offset]),
                $"conversation {number}, {Side(history)}: the byte at {offset} is another\n{history}");
        }
    }

    private static Dictionary<Rule, int> Differences(int number, History history, Stream ours, Stream theirs)
    {
        var used = new Dictionary<Rule, int>();
        for (var offset = Math.Min(ours.Start, theirs.Start); offset < Math.Max(ours.End, theirs.End); offset++)
        {
            if (ours[offset] == theirs[offset]) continue;
            var rule = Rules.All.FirstOrDefault(rule => rule.Explains(history, offset, ours, theirs));
            Assert.True(rule != null, $"conversation {number}, {Side(history)}: "
                + $"at {offset} ours {ours[offset]}, tshark's {theirs[offset]}; captured {string.Join(' ', history.Versions(offset))}; "
                + $"ours from {ours.Start} to {ours.End}, tshark's from {theirs.Start} to {theirs.End}\n{history}");
            used[rule] = used.GetValueOrDefault(rule) + 1;
        }
        return used;
    }

    private static string Side(History history) => history.Client ? "client" : "server";

    private static void Each(IEnumerable<int> numbers, Action<int, History, Stream, Stream> compare)
    {
        var networks = numbers.Select(number => (Number: number, Network: new BadNetwork(number))).ToList();
        var path = Path.GetTempFileName();
        try
        {
            var order = Write(path, networks.ConvertAll(one => one.Network));
            var (ours, theirs) = (Ours.Read(path), Tshark.Follow(path, order.Count));
            foreach (var (number, network) in networks)
            {
                var (client, server) = (Endpoint.FromIpv4(network.Peers.Initiator, network.Peers.InitiatorPort),
                    Endpoint.FromIpv4(network.Peers.Acceptor, network.Peers.AcceptorPort));
                var key = FlowKey.Of(client, server, out var isLow);
                foreach (var side in (bool[])[true, false])
                {
                    var history = new History(network, side);
                    var (our, start) = ours(key, side == isLow);
                    var their = theirs[order.IndexOf(network)][(side ? client : server).ToString()];
                    if (our.End > 0) our.Start = unchecked((int)(start - network.First(side)));
                    // tshark does not tell offsets: it begins where it says what we do.
                    if (!history.HasSyn) their.Start = history.Beginnings.MaxBy(start => Enumerable.Range(our.Start, our.End - our.Start)
                        .Count(at => our[at] == their[at + their.Start - start]));
                    compare(number, history, our, their);
                }
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Writes them side by side.</summary>
    /// <returns>The networks in the order of their first packets, which is tshark's.</returns>
    private static List<BadNetwork> Write(string path, List<BadNetwork> networks)
    {
        var template = new TcpTemplate();
        var packets = networks.SelectMany((network, start) => network.Captured.Select((segment, index) =>
            (Time: (start * 7) + (index * 10), network, segment))).OrderBy(one => one.Time).ToList();
        using (var file = new PcapFile(File.Create(path)))
        {
            foreach (var (time, network, segment) in packets)
            {
                var frame = new byte[TcpTemplate.Headers + segment.Payload.Length];
                template.Fill(frame, network.Peers, segment.FromClient, network.SequenceOf(segment), network.AcknowledgmentOf(segment),
                    segment.Flags, segment.Payload);
                frame.AsSpan(0, TcpTemplate.Headers + segment.Kept)
                    .CopyTo(file.Next(1_700_000_000_000_000 + (time * 1000), TcpTemplate.Headers + segment.Kept, frame.Length));
            }
        }
        return [.. packets.Select(one => one.network).Distinct()];
    }
}
