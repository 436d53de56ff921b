using CsCheck;
using PcapAnalyzer.Capture;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Reports.Tests;

/// <summary>Facts survive serialization unchanged, including messages that are decoded again from their bytes.</summary>
public sealed class FactsTests
{
    private static readonly long[] Edges = [long.MinValue + 1, -1_000_000_000, -1, 0, 1, 1_700_000_000_123_456_789, long.MaxValue];

    /// <summary>Small and large numbers, both signs.</summary>
    private static readonly Gen<long> Any = Gen.OneOf(Gen.OneOf(Edges), Gen.Long[-1L << 61, 1L << 61], Gen.Long[-200, 200]);

    private static readonly Gen<Departure?> AnyDeparture = Gen.Select(Gen.Bool, Gen.Bool, Any, Any, Any, Gen.Bool, (isThere, isReset, frame,
        time, acknowledges, isAnswer) => isThere ? new Departure(Role.Initiator, isReset, frame, time, acknowledges, isAnswer) : null);

    private static readonly Gen<ConnectionFacts> AnyFacts = Gen.Select(Gen.Bool.Array[5], Gen.Int.Array[5],
        Any.Array[4], Gen.Long[-1L << 61, 1L << 61].Array[3], AnyDeparture, AnyDeparture,
        (flags, counts, numbers, times, left, right) => new ConnectionFacts
        {
            Syns = counts[4],
            SynTime = flags[2] ? 0 : times[2],
            SynAckTime = flags[3] ? 0 : times[1],
            InitiatorStartMissing = flags[1],
            AcceptorStartMissing = flags[2],
            IsInitiatorSeen = flags[3],
            IsAcceptorSeen = flags[4],
            Retransmissions = counts[0],
            OutOfOrder = counts[1],
            Overlaps = counts[2],
            StrayResets = counts[3],
            MissingFromInitiator = numbers[0],
            MissingFromAcceptor = numbers[1],
            AfterInitiator = numbers[2],
            AfterAcceptor = numbers[3],
            LastTime = times[0],
            LastByteFromInitiator = flags[0] ? 0 : times[1],
            LastByteFromAcceptor = flags[1] ? 0 : times[2],
            InitiatorLeft = left,
            AcceptorLeft = right == null ? null : right with { By = Role.Acceptor },
        });

    public static TheoryData<string> Captures => [.. Repository.AllCaptures];

    [Fact]
    public void The_totals_come_back_as_they_were()
    {
        var totals = new CaptureTotals
        {
            Number = 1,
            LastTime = 7,
            Dropped = 1,
            TcpSegments = 2,
            Conversations = 3,
            ConversationsDropped = 4,
            ConversationsFromSyn = 5,
            OtherPorts = new Dictionary<ushort, long> { [5672] = 6 },
            Undecoded = new Dictionary<FrameKind, long> { [FrameKind.Unsupported] = 8 },
            Unopened = new Dictionary<string, long> { ["encrypted ESP"] = 8 },
        };
        var back = Assert.IsType<CaptureTotals>(new FactBytes(HandshakeProtocols.All).Read(FactBytes.Write(totals)));
        Assert.Equivalent(totals, back, strict: true);
    }

    public static TheoryData<string> Rows => [.. FailureRow.All.Select(row => row.Row)];

    [Theory]
    [MemberData(nameof(Captures))]
    public void Every_handshake_of_a_capture_comes_back_as_it_was(string capture)
    {
        using var source = new CaptureFileSource(Path.Combine(Repository.Captures, capture), null);
        ComeBack(accept => source.Read(accept, CancellationToken.None));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Every_handshake_of_a_failure_row_comes_back_as_it_was(string row)
    {
        var packets = FailureRow.All.Single(one => one.Row == row).Plays.SelectMany(play => play.Packets).OrderBy(packet => packet.Time);
        ComeBack(accept =>
        {
            var number = 0L;
            foreach (var bytes in packets.Select(packet => (packet.Time, Bytes: packet.ToDatagram())))
                accept(new Frame(++number, bytes.Time, LinkLayer.Raw, bytes.Bytes, bytes.Bytes.Length));
        });
    }

    [Fact]
    public void An_update_may_take_more_bytes_or_fewer_than_the_one_before()
    {
        var original = Originals("ractor/01_formats_new.pcap");
        Gen.Select(AnyFacts.Array[1, 8], Any).Sample(
            (updates, started) =>
            {
                var archive = new FactStore(HandshakeProtocols.All, new FactLimits());
                var (one, other) = (original with { Number = 3, Started = started }, original with { Number = 7 });
                archive.Add(one);
                archive.Add(other);
                foreach (var facts in updates)
                {
                    archive.Add(new ConnectionUpdate { Number = 3, Connection = facts, Started = started });
                    Assert.Equal(facts, archive.Handshakes[3].Connection);
                }
                Assert.Equal(Facts(one with { Connection = updates[^1] }), Facts(archive.Handshakes[3]));
                Assert.Equal(Facts(other), Facts(archive.Handshakes[7]));
                Assert.Equal(2, archive.Handshakes.Count);
                Assert.Equal([3, 7], archive.Handshakes.Numbers);
                Assert.False(archive.Handshakes.Contains(0) || archive.Handshakes.Contains(-1) || archive.Handshakes.Contains(5)
                    || archive.Handshakes.Contains(8));
            },
            iter: 500);
    }

    [Fact]
    public void Extreme_times_offsets_and_lengths_come_back()
    {
        var original = Originals("ractor/01_formats_new.pcap");
        foreach (var started in Edges)
        {
            foreach (var edge in Edges)
            {
                var changed = original with
                {
                    Started = started,
                    Messages = [.. original.Messages.Select(message =>
                        message with { Time = edge, StreamFrom = edge, Frames = [edge, 0, long.MaxValue], IsConflicting = true })],
                    Transfer = [new TransferEvent(TransferEventKind.OutOfOrder, Role.Acceptor, edge, 0, edge, edge, edge),
                        new TransferEvent(TransferEventKind.MissingBytes, Role.Initiator, 1, int.MaxValue, 0, 0, 0)],
                    Anomalies = [new Anomaly(AnomalyKind.TlsRecord, Role.Acceptor, "", "\u202e", edge, edge)],
                };
                var archive = new FactStore(HandshakeProtocols.All, new FactLimits());
                archive.Add(changed);
                Assert.Equal(Facts(changed), Facts(archive.Handshakes[changed.Number]));
            }
        }
    }

    [Fact]
    public void A_handshake_larger_than_a_chunk_and_its_neighbours_come_back()
    {
        var original = Originals("ractor/01_formats_new.pcap");
        var large = original with
        {
            Number = 2,
            Anomalies = [new Anomaly(AnomalyKind.TlsRecord, Role.Acceptor, new string('x', 3 << 20), "", 1, 1)]
        };
        var archive = new FactStore(HandshakeProtocols.All, new FactLimits());
        foreach (var one in (Handshake[])[original with { Number = 1 }, large, original with { Number = 3 }]) archive.Add(one);
        Assert.Equal(Facts(large), Facts(archive.Handshakes[2]));
        foreach (var id in (int[])[1, 3]) Assert.Equal(Facts(original with { Number = id }), Facts(archive.Handshakes[id]));
    }

    private static Handshake Originals(string capture)
    {
        Handshake? first = null;
        using var source = new CaptureFileSource(Path.Combine(Repository.Captures, capture), null);
        var analyzer = new CaptureAnalysis(Analysis.Options, CookieRing.Empty, new FrameParser(), null)
        { HandshakeKnown = handshake => first ??= handshake };
        source.Read(analyzer.Accept, CancellationToken.None);
        analyzer.Finish();
        return first!;
    }

    /// <summary>Serializes and reads back every fact. In several orders, the facts then give the same report as the capture.</summary>
    private static void ComeBack(Action<FrameHandler> read)
    {
        var told = new List<Fact>();
        var general = new PacketDotNetParser();
        var analyzer = new Analyzer(Analysis.Options, new FrameParser(), general, new Sink(told.Add));
        var analysis = new CaptureAnalysis(Analysis.Options, Ring, new FrameParser(), general);
        read((in frame) =>
        {
            analyzer.Accept(frame);
            analysis.Accept(frame);
        });
        analyzer.Finish();
        analysis.Finish();
        var expected = Json(analysis.Cluster);

        var bytes = told.ConvertAll(FactBytes.Write);
        var facts = bytes.ConvertAll(one => new FactBytes(HandshakeProtocols.All).Read(one)!);
        for (var at = 0; at < facts.Count; at++)
        {
            Assert.Equal(bytes[at], FactBytes.Write(facts[at]));
            if (told[at] is Handshake handshake) Assert.Equal(Facts(handshake), Facts((Handshake)facts[at]));
        }
        foreach (var seed in Enumerable.Range(0, 8)) Assert.Equal(expected, Json(Cluster(Shuffled(facts, seed))));
    }

    /// <summary>Shuffles facts but keeps the order of facts with the same number.</summary>
    private static List<Fact> Shuffled(List<Fact> facts, int seed)
    {
        var random = new Random(seed);
        var queues = facts.GroupBy(fact => (fact is ConnectionUpdate ? typeof(Handshake) : fact.GetType(), fact.Number))
            .Select(group => new Queue<Fact>(group)).ToList();
        var shuffled = new List<Fact>();
        while (queues.Count > 0)
        {
            var queue = queues[random.Next(queues.Count)];
            shuffled.Add(queue.Dequeue());
            if (queue.Count == 0) queues.Remove(queue);
        }
        return shuffled;
    }

    private static ClusterView Cluster(List<Fact> facts)
    {
        var cluster = new ClusterView(Ring, HandshakeProtocols.All, new FactLimits());
        foreach (var fact in facts) cluster.Tell(fact);
        cluster.Complete();
        return cluster;
    }

    private static string Json(ClusterView cluster) => Analysis.Json(ReportBuilder.Build([new AnalyzedCapture(cluster, null)]));

    private static CookieRing Ring { get; } = new([Cookie.FromText("prod", "right"), Cookie.FromText("old", "wrong")]);

    private sealed class Sink(Action<Fact> take) : IFactSink
    {
        public void Tell(Fact fact) => take(fact);
    }

    /// <summary>A handshake as text, including lists and bytes.</summary>
    private static string Facts(Handshake it) =>
        $"{it.Number} {it.Protocol.Name} {it.Initiator} {it.Acceptor} {it.Started} {it.State} {it.Connection}\n"
        + string.Join('\n', it.Messages.Select(message => Facts(it, message))) + "\n" + string.Join('\n', it.Anomalies) + string.Join('\n',
            it.Transfer);

    private static string Facts(Handshake handshake, HandshakeMessage it) =>
        $"{it.From} {it.Time} {string.Join(',', it.Frames)} {it.Length} {it.StreamFrom} {it.Header} {Convert.ToHexString(it.Body)} "
            + $"{it.ParsedAs} {it.IsCut} {it.IsConflicting} "
        + $"{it.Content with { Digest = null, Fields = [] }} {Convert.ToHexString(it.Content.Digest ?? [])} "
        + string.Join(' ', handshake.FieldsOf(it)
        .Select(field => $"({field.Name}, {field.Value.Text()}) {field.Value.GetType().Name} {field.Offset}+{field.Length}"));
}
