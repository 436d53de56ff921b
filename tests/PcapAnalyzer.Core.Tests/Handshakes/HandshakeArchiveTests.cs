using CsCheck;
using PcapAnalyzer.Capture;
using PcapAnalyzer.Core.Cluster;
using PcapAnalyzer.Core.Handshakes;
using PcapAnalyzer.Core.Packets;
using PcapAnalyzer.Core.Protocols;
using PcapAnalyzer.Core.Reports;
using PcapAnalyzer.Core.Streams;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Core.Tests.Handshakes;

/// <summary>What is put away comes back as it was, messages read anew from their bytes included.</summary>
public sealed class HandshakeArchiveTests
{
    private static readonly long[] Edges = [long.MinValue + 1, -1_000_000_000, -1, 0, 1, 1_700_000_000_123_456_789, long.MaxValue];

    /// <summary>Small and large numbers, both signs.</summary>
    private static readonly Gen<long> Any = Gen.OneOf(Gen.OneOf(Edges), Gen.Long[-1L << 61, 1L << 61], Gen.Long[-200, 200]);

    private static readonly Gen<Departure?> AnyDeparture = Gen.Select(Gen.Bool, Gen.Bool, Any, Any, Any, Gen.Bool, (isThere, isReset, frame, time, acknowledges, isAnswer) => isThere ? new Departure(Role.Initiator, isReset, frame, time, acknowledges, isAnswer) : null);

    private static readonly Gen<ConnectionFacts> AnyFacts = Gen.Select(Gen.Bool.Array[5], Gen.Int.Array[5], Any.Array[4], Gen.Long[-1L << 61, 1L << 61].Array[3], AnyDeparture, AnyDeparture, (flags, counts, numbers, times, left, right) => new ConnectionFacts
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
            foreach (var bytes in packets.Select(packet => (packet.Time, Bytes: packet.ToDatagram()))) accept(new Frame(++number, bytes.Time, LinkLayer.Raw, bytes.Bytes, bytes.Bytes.Length));
        });
    }

    [Fact]
    public void What_becomes_of_a_connection_is_told_again_in_more_bytes_or_in_fewer()
    {
        var original = Originals("ractor/01_formats_new.pcap");
        Gen.Select(AnyFacts.Array[1, 8], Any).Sample(
            (updates, started) =>
            {
                var archive = new HandshakeArchive(new HandshakePacker(HandshakeProtocols.All));
                var (one, other) = (original with { Id = 3, Started = started }, original with { Id = 7 });
                archive.Add(one);
                archive.Add(other);
                foreach (var facts in updates)
                {
                    archive.Update(3, facts, started);
                    Assert.Equal(facts, archive[3].Connection);
                }
                Assert.Equal(Facts(one with { Connection = updates[^1] }), Facts(archive[3]));
                Assert.Equal(Facts(other), Facts(archive[7]));
                Assert.Equal((2, 7), (archive.Count, archive.LastId));
                Assert.Equal([3, 7], archive.Select(handshake => handshake.Id));
                Assert.False(archive.Contains(0) || archive.Contains(-1) || archive.Contains(5) || archive.Contains(8));
            },
            iter: 500);
    }

    [Fact]
    public void Times_offsets_and_lengths_at_the_edge_of_what_a_number_holds_come_back()
    {
        var original = Originals("ractor/01_formats_new.pcap");
        foreach (var started in Edges)
        {
            foreach (var edge in Edges)
            {
                var changed = original with
                {
                    Started = started,
                    Messages = [.. original.Messages.Select(message => message with { Time = edge, StreamFrom = edge, Frames = [edge, 0, long.MaxValue], IsConflicting = true })],
                    Transfer = [new TransferEvent(TransferEventKind.OutOfOrder, Role.Acceptor, edge, 0, edge, edge, edge), new TransferEvent(TransferEventKind.MissingBytes, Role.Initiator, 1, int.MaxValue, 0, 0, 0)],
                    Anomalies = [new Anomaly(AnomalyKind.TlsRecord, Role.Acceptor, "", "\u202e", edge, edge)],
                    TlsAlert = "handshake_failure",
                    TlsAlertBy = Role.Acceptor,
                };
                var archive = new HandshakeArchive(new HandshakePacker(HandshakeProtocols.All));
                archive.Add(changed);
                Assert.Equal(Facts(changed), Facts(archive[changed.Id]));
            }
        }
    }

    [Fact]
    public void A_handshake_larger_than_a_chunk_and_its_neighbours_come_back()
    {
        var original = Originals("ractor/01_formats_new.pcap");
        var large = original with { Id = 2, Anomalies = [new Anomaly(AnomalyKind.TlsRecord, Role.Acceptor, new string('x', 3 << 20), "", 1, 1)] };
        var archive = new HandshakeArchive(new HandshakePacker(HandshakeProtocols.All));
        foreach (var one in (Handshake[])[original with { Id = 1 }, large, original with { Id = 3 }]) archive.Add(one);
        Assert.Equal(Facts(large), Facts(archive[2]));
        foreach (var id in (int[])[1, 3]) Assert.Equal(Facts(original with { Id = id }), Facts(archive[id]));
    }

    private static Handshake Originals(string capture)
    {
        Handshake? first = null;
        using var source = new CaptureFileSource(Path.Combine(Repository.Captures, capture), null);
        var analyzer = new Analyzer(Analysis.Options, CookieRing.Empty, new FrameParser(), null) { HandshakeKnown = handshake => first ??= handshake };
        source.Read(analyzer.Accept, CancellationToken.None);
        analyzer.Finish();
        return first!;
    }

    /// <summary>The analyzer hands out each handshake once before it puts it away, and tells of it again from what it put away.</summary>
    private static void ComeBack(Action<FrameHandler> read)
    {
        var analyzer = new Analyzer(Analysis.Options, CookieRing.Empty, new FrameParser(), new PacketDotNetParser());
        var known = new Dictionary<int, Handshake>();
        analyzer.HandshakeKnown = handshake =>
        {
            if (known.TryGetValue(handshake.Id, out var original)) Assert.Equal(Facts(original with { Connection = handshake.Connection }), Facts(handshake));
            else Assert.Equal(Facts(handshake), Facts(analyzer.Cluster.Handshakes[handshake.Id]));
            known[handshake.Id] = handshake;
        };
        read(analyzer.Accept);
        analyzer.Finish();
        Assert.Equal(known.Keys.Order(), analyzer.Cluster.Handshakes.Select(handshake => handshake.Id));
        Assert.Equal(known.Count, analyzer.Cluster.Handshakes.Count);
        foreach (var handshake in analyzer.Cluster.Handshakes) Assert.Equal(Facts(known[handshake.Id]), Facts(handshake));
    }

    /// <summary>All of a handshake as text, lists and bytes included.</summary>
    private static string Facts(Handshake it) =>
        $"{it.Id} {it.Protocol!.Name} {it.Initiator} {it.Acceptor} {it.Started} {it.State} {it.IsInitiatorTls} {it.IsAcceptorTls} {it.TlsAlert} {(it.TlsAlert == null ? null : it.TlsAlertBy)} {it.Connection}\n"
        + string.Join('\n', it.Messages.Select(Facts)) + "\n" + string.Join('\n', it.Anomalies) + string.Join('\n', it.Transfer);

    private static string Facts(HandshakeMessage it) =>
        $"{it.From} {it.Time} {string.Join(',', it.Frames)} {it.Length} {it.StreamFrom} {it.Header} {Convert.ToHexString(it.Body)} {it.ParsedAs} {it.IsCut} {it.IsConflicting} "
        + $"{it.Content with { Digest = null, Fields = [] }} {Convert.ToHexString(it.Content.Digest ?? [])} "
        + string.Join(' ', it.Content.Fields.Zip(new MessageFields(it.Content.Fields).Texts, (field, text) => $"{text} {field.Value.GetType().Name} {field.Offset}+{field.Length}"));
}
