using System.Buffers.Binary;
using CsCheck;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>Datagrams in fragments, from bytes, through the pipeline.</summary>
public sealed class FragmentTableTests
{
    private static readonly Endpoint A = Endpoint.From(System.Net.IPAddress.Parse("192.0.2.1"), 0);
    private static readonly Endpoint B = Endpoint.From(System.Net.IPAddress.Parse("192.0.2.2"), 0);
    private static readonly Endpoint A6 = Endpoint.From(System.Net.IPAddress.Parse("2001:db8::1"), 0);
    private static readonly Endpoint B6 = Endpoint.From(System.Net.IPAddress.Parse("2001:db8::2"), 0);
    private static readonly byte[] Segment = FrameBuilder.Tcp(50000, 4400, 1, 1, TcpFlags.Ack,
        [.. Enumerable.Range(0, 100).Select(i => (byte)i)]);

    private static byte[] Fragment4(int from, int length, ushort id = 7, byte[]? segment = null)
    {
        segment ??= Segment;
        length = Math.Min(length, segment.Length - from);
        var bytes = FrameBuilder.Ipv4(A, B, segment.AsSpan(from, length));
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(4), id);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(6), (ushort)(from / 8 | (from + length < segment.Length ? 0x2000 : 0)));
        return bytes;
    }

    private static byte[] Fragment6(int from, int length)
    {
        length = Math.Min(length, Segment.Length - from);
        byte[] header = [6, 0, (byte)(from >> 8), (byte)((from & 0xF8) | (from + length < Segment.Length ? 1 : 0)), 0, 0, 0, 9];
        return FrameBuilder.Ipv6(A6, B6, [.. header, .. Segment.AsSpan(from, length)], 44);
    }

    private static CaptureTotals Run(IEnumerable<byte[]> datagrams, bool fast = true, AnalyzerOptions? options = null,
        long apart = 1_000_000)
    {
        var general = new PacketDotNetParser();
        options ??= new AnalyzerOptions { Protocols = HandshakeProtocols.All };
        var analyzer = fast ? new CaptureAnalysis(options, CookieRing.Empty, new FrameParser(), general)
            : new CaptureAnalysis(options, CookieRing.Empty, general, null);
        var number = 0;
        foreach (var datagram in datagrams) analyzer.Accept(new Frame(++number, number * apart, LinkLayer.Raw, datagram, datagram.Length));
        return analyzer.Finish().Totals;
    }

    private static void IsWhole(CaptureTotals facts)
    {
        Assert.Equal((1L, 0L), (facts.TcpSegments, facts.Undecoded.Values.Sum()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [HardCase("fragments in any order")]
    [HardCase("first fragment taken for a whole segment")]
    public void A_datagram_split_anywhere_in_any_order_is_reassembled(bool fast)
    {
        for (var size = 8; size < Segment.Length; size += 8)
        {
            foreach (var make in (Func<int, int, byte[]>[])[(from, length) => Fragment4(from, length), Fragment6])
            {
                var parts = Enumerable.Range(0, (Segment.Length + size - 1) / size).Select(i => make(i * size, size)).ToList();
                IsWhole(Run(parts, fast));
                IsWhole(Run(Enumerable.Reverse(parts), fast));
                IsWhole(Run([parts[^1], parts[^1], .. parts[..^1]], fast)); // its last part twice
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [HardCase("SYN in fragments")]
    public void A_fully_fragmented_handshake_gives_the_same_report(bool fast)
    {
        var analyzer = fast ? new CaptureAnalysis(Analysis.Options, CookieRing.Empty, new FrameParser(), null)
            : new CaptureAnalysis(Analysis.Options, CookieRing.Empty, new PacketDotNetParser(), null);
        var number = 0;
        foreach (var packet in new Playbook().Handshake("b@h", "a@h", "right").Packets)
        {
            var datagram = packet.ToDatagram();
            for (var from = 0; from < datagram.Length - 20; from += 8)
            {
                // Eight bytes: the ports are in one fragment, the flags in another.
                var part = Fragment4(from, 8, (ushort)packet.Time, datagram[20..]);
                datagram.AsSpan(12, 8).CopyTo(part.AsSpan(12));
                analyzer.Accept(new Frame(++number, packet.Time, LinkLayer.Raw, part, part.Length));
            }
        }
        var facts = analyzer.Finish().Totals;
        Assert.Equal((7L, 1L, 0L), (facts.TcpSegments, facts.Conversations, facts.Undecoded.Values.Sum()));
        var handshake = Assert.Single(analyzer.Cluster.Handshakes);
        Assert.Equal((HandshakeState.Acknowledged, 1), (handshake.State, handshake.Connection.Syns));
    }

    [Fact]
    [HardCase("fragments that overlap")]
    public void Equal_overlaps_are_accepted_and_different_ones_refused() =>
        Gen.Select(Gen.Int[0, 12], Gen.Int[1, 6], Gen.Bool).Sample((block, blocks, differs) =>
        {
            var other = (byte[])Segment.Clone();
            if (differs) other[block * 8] ^= 1;
            var facts = Run([Fragment4(0, 64), Fragment4(block * 8, blocks * 8, segment: other), Fragment4(64, 64)]);
            if (!differs) IsWhole(facts);
            else Assert.Equal((0L, true), (facts.TcpSegments, facts.Undecoded.ContainsKey(FrameKind.FragmentConflict)));
        });

    [Fact]
    [HardCase("fragments that never become whole")]
    public void Incomplete_datagrams_are_counted_and_bounded()
    {
        var options = new AnalyzerOptions
        {
            Protocols = HandshakeProtocols.All,
            Packets = new() { MaxFragmentedDatagrams = 10, MaxFragmentBytes = 1000 }
        };
        var facts = Run(Enumerable.Range(0, 1000).Select(i => Fragment4(0, 64, (ushort)i)), options: options);
        Assert.Equal((0L, 1000L), (facts.TcpSegments, facts.Undecoded[FrameKind.Fragment]));
        // The rest of the first one comes too late for the table, and after its time.
        Assert.Equal(0, Run([.. Enumerable.Range(0, 1000).Select(i => Fragment4(0, 64, (ushort)i)), Fragment4(64, 64, 0)],
            options: options).TcpSegments);
        Assert.Equal(0, Run([Fragment4(0, 64), Fragment4(64, 64)], apart: 31_000_000_000).TcpSegments);
        Assert.Equal(1, Run([Fragment4(0, 64), Fragment4(64, 64)], apart: 29_000_000_000).TcpSegments);
    }

    [Fact]
    [HardCase("fragments that overlap")]
    public void A_late_fragment_that_differs_makes_another_copy_of_its_datagram()
    {
        byte[][] whole = [Fragment4(0, 64), Fragment4(64, 64)];
        IsWhole(Run([.. whole, .. whole]));
        var forged = Segment.ToArray();
        forged[70] ^= 1;
        var facts = Run([.. whole, Fragment4(64, 64, segment: forged)]);
        Assert.Equal((2L, 0L), (facts.TcpSegments, facts.Undecoded.Values.Sum()));
        // An identification is used again after many others.
        facts = Run([.. whole, .. Enumerable.Range(100, 100).SelectMany(id =>
            (byte[][])[Fragment4(0, 64, (ushort)id), Fragment4(64, 64, (ushort)id)]), Fragment4(64, 64, segment: forged)]);
        Assert.Equal((101L, 1L), (facts.TcpSegments, facts.Undecoded.Values.Sum()));
    }

    [Fact]
    public void No_fragment_bytes_throw() =>
        Gen.Select(Gen.Byte.Array[20, 90], Gen.Int[0, 0x3FFF], Gen.Bool).Array[1, 8].Sample(frames => Run(frames.Select(frame =>
        {
            var (bytes, fragment, isV6) = frame;
            bytes[0] = (byte)(isV6 ? 0x60 : 0x45);
            if (isV6) bytes[6] = 44;
            else (bytes[2], bytes[3], bytes[6], bytes[7]) = (0, (byte)bytes.Length, (byte)(fragment >> 8), (byte)fragment);
            return bytes;
        })));
}
