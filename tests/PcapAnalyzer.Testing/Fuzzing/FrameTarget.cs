using System.Buffers.Binary;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Testing.Fuzzing;

/// <summary>Runs frames of one link type through both parsers and the whole analysis.</summary>
/// <remarks>
/// The first byte holds, in bits 0 to 4, the link type. Bit 6 says that each frame has a u16 length prefix. Bit 7 says that
/// more bytes were on the wire than captured.
/// </remarks>
public static class FrameTarget
{
    private const int MostOnTheWire = 2000;

    private static readonly LinkLayer[] Links =
    [
        LinkLayer.En10Mb, LinkLayer.Raw, LinkLayer.LinuxSll, LinkLayer.LinuxSll2, LinkLayer.Null, LinkLayer.Loop, LinkLayer.Ipv4,
        LinkLayer.Ipv6,
        (LinkLayer)9, (LinkLayer)105, (LinkLayer)127, (LinkLayer)192, LinkLayer.Raw12, LinkLayer.Raw14, (LinkLayer)147, (LinkLayer)50,
        (LinkLayer)10, (LinkLayer)51, (LinkLayer)104, (LinkLayer)109, (LinkLayer)117, (LinkLayer)119, (LinkLayer)163, (LinkLayer)204,
        (LinkLayer)219, (LinkLayer)239, (LinkLayer)258, LinkLayer.En10Mb, LinkLayer.En10Mb, LinkLayer.En10Mb, LinkLayer.Raw,
        LinkLayer.LinuxSll2,
    ];

    /// <summary>The input that runs these frames, whole.</summary>
    public static byte[] Input(LinkLayer link, IEnumerable<byte[]> frames) =>
        [(byte)(0x40 | Array.IndexOf(Links, link)),
            .. frames.SelectMany(frame => (byte[])[(byte)(frame.Length >> 8), (byte)frame.Length, .. frame])];

    internal static void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return;
        var (link, isList, isCut) = (Links[input[0] & 0x1F], (input[0] & 0x40) != 0, (input[0] & 0x80) != 0);
        var fast = new ReportCheck();
        var general = new ReportCheck(isWritten: false, generalOnly: true);
        var rest = input[1..];
        for (var number = 1; !rest.IsEmpty; number++)
        {
            var length = rest.Length;
            if (isList)
            {
                if (rest.Length < 2) break;
                length = Math.Min(BinaryPrimitives.ReadUInt16BigEndian(rest), rest.Length - 2);
                rest = rest[2..];
            }
            var frame = new Frame(number, 1_700_000_000_000_000_000 + number * 1_000_000L, link, rest[..length],
                isCut ? length + MostOnTheWire : length);
            CheckParser(new FrameParser(), frame);
            CheckParser(new PacketDotNetParser(), frame);
            _ = FrameLayers.Of(frame);
            fast.Accept(frame);
            general.Accept(frame);
            rest = rest[length..];
        }
        fast.Finish();
        general.Finish();
    }

    /// <summary>A segment's payload lies in its frame. Truncating the frame does not change the segment's header values.</summary>
    private static void CheckParser(IFrameParser parser, in Frame frame)
    {
        var kind = parser.Parse(frame, out var whole, out _);
        if (kind is not (FrameKind.Tcp or FrameKind.Fragment)) return;
        FuzzFailure.Unless(whole.Payload.Length <= whole.Length && frame.Bytes.IndexOf(whole.Payload) >= 0,
            $"{whole.Payload.Length} of {whole.Length} bytes in a frame of {frame.Bytes.Length}");
        if (kind != FrameKind.Tcp) return;
        for (var part = 1; part < 4; part++)
        {
            var less = new Frame(frame.Number, frame.Time, frame.Link, frame.Bytes[..(frame.Bytes.Length * part / 4)],
                frame.OriginalLength);
            if (parser.Parse(less, out var cut, out _) != FrameKind.Tcp) continue;
            FuzzFailure.Unless(
                cut.Flow.IsSame(whole.Flow) && (cut.FromLow, cut.Sequence, cut.Acknowledgment, cut.Flags, cut.Length) == (whole.FromLow,
                    whole.Sequence, whole.Acknowledgment, whole.Flags, whole.Length) && whole.Payload.StartsWith(cut.Payload),
                $"{frame.Bytes.Length} bytes are {whole.Source} > {whole.Destination} {whole.Flags} {whole.Sequence} "
                    + $"{whole.Acknowledgment} {whole.Length}, {less.Bytes.Length} of them {cut.Source} > {cut.Destination} {cut.Flags} "
                    + $"{cut.Sequence} {cut.Acknowledgment} {cut.Length}");
        }
    }
}
