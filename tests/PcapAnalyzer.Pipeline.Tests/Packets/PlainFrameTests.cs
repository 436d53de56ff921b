using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>The short way for frames like most gives the answer of the long one, which a frame without its Ethernet header takes.</summary>
public sealed class PlainFrameTests
{
    private const int Ethernet = 14;
    private static readonly Endpoint Low = Endpoint.FromIpv4(0x0A000001, 40000);
    private static readonly Endpoint High = Endpoint.FromIpv4(0xC0A80002, 443);

    private static byte[] Frame(Endpoint from, Endpoint to) => FrameBuilder.Ethernet(0x0800, FrameBuilder.Ipv4(from, to,
        FrameBuilder.Tcp(from.Port, to.Port, 0x11223344, 0x55667788, TcpFlags.Ack | TcpFlags.Psh, "some payload"u8,
            options: new byte[12])));

    /// <returns>True when the short way answered.</returns>
    private static bool IsSame(ReadOnlySpan<byte> bytes)
    {
        var isPlain = PlainFrame.TryParse(bytes, out var plain);
        if (!isPlain) return false;
        var datagram = new Frame(1, 1, LinkLayer.Raw, bytes[Ethernet..], bytes.Length - Ethernet);
        Assert.Equal(FrameKind.Tcp, new FrameParser().Parse(datagram, out var other, out _));
        Assert.Equal(other.Flow, plain.Flow);
        Assert.Equal((other.FromLow, other.Flags, other.Sequence, other.Acknowledgment, other.Length),
            (plain.FromLow, plain.Flags, plain.Sequence, plain.Acknowledgment, plain.Length));
        Assert.Equal(other.Payload.ToArray(), plain.Payload.ToArray());
        return true;
    }

    [Fact]
    public void Both_directions_of_a_connection_have_one_flow()
    {
        Assert.True(IsSame(Frame(Low, High)));
        Assert.True(IsSame(Frame(High, Low)));
        Assert.True(IsSame(Frame(Low, Low with { Port = 2 })));
        Assert.True(IsSame(Frame(Low with { Port = 2 }, Low)));
        Assert.True(IsSame(Frame(Low, Low)));
    }

    [Fact]
    public void Any_header_byte_with_any_value_gives_the_same_answer()
    {
        var plain = 0;
        for (var at = Ethernet; at < Ethernet + 40; at++)
        {
            for (var value = 0; value < 256; value++)
            {
                var frame = Frame(Low, High);
                frame[at] = (byte)value;
                if (IsSame(frame)) plain++;
            }
        }
        Assert.InRange(plain, 30 * 256, 40 * 256);
    }

    [Fact]
    public void A_cut_frame_gives_the_same_answer()
    {
        var frame = Frame(Low, High);
        for (var length = 0; length <= frame.Length; length++) Assert.Equal(length >= 54, IsSame(frame.AsSpan(0, length)));
    }
}
