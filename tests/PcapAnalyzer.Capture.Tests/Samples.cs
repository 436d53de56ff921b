using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Capture.Tests;

/// <summary>Small captures of every sort, each whole and without a fault.</summary>
internal static class Samples
{
    internal static readonly byte[] Packet = [.. Enumerable.Range(1, 61).Select(value => (byte)value)];

    /// <summary>Each with the reason why libpcap does not read it as we do, if it does not.</summary>
    internal static Dictionary<string, (CaptureBuilder Capture, string? NotLibpcap)> All { get; } = new()
    {
        ["pcap µs"] = (Pcap(CaptureBuilder.Microseconds, false), null),
        ["pcap µs, big-endian"] = (Pcap(CaptureBuilder.Microseconds, true), null),
        ["pcap ns"] = (Pcap(CaptureBuilder.Nanoseconds, false), null),
        ["pcap ns, big-endian"] = (Pcap(CaptureBuilder.Nanoseconds, true), null),
        ["pcap modified"] = (Pcap(CaptureBuilder.Modified, false), null),
        ["pcap modified, big-endian"] = (Pcap(CaptureBuilder.Modified, true), null),
        ["pcap with nothing in it"] = (new CaptureBuilder().Pcap(), null),
        ["pcap raw IP, snaplen 0"] = (new CaptureBuilder().Pcap(link: 101, snapLength: 0).Record(1, 2, Packet), null),
        ["pcap with frame check sequences"] = (new CaptureBuilder().Pcap(link: 0x2400_0001).Record(1, 2, Packet), null),
        ["pcap longer on the wire"] = (new CaptureBuilder().Pcap(snapLength: 61).Record(1, 2, Packet, original: 1500), null),
        ["pcap shorter on the wire"] = (new CaptureBuilder().Pcap().Record(1, 2, Packet, original: 5), null),
        ["pcap beyond its snaplen"] = (new CaptureBuilder().Pcap(snapLength: 20).Record(1, 2, Packet),
            "cuts what is longer than the snaplen"),
        ["pcap, 2100"] = (new CaptureBuilder().Pcap().Record(4_102_444_800, 2, Packet), "takes seconds for signed"),
        ["pcap, more than a second of µs"] = (new CaptureBuilder().Pcap().Record(1, 4_000_000, Packet), null),
        ["pcapng"] = (Pcapng(false), null),
        ["pcapng, big-endian"] = (Pcapng(true), null),
        ["pcapng, no time"] = (new CaptureBuilder().Section().Interface().Enhanced(0, 1, Packet).Simple(Packet),
            "says 1970 for a packet without time"),
        ["pcapng with nothing in it"] = (new CaptureBuilder().Section(length: 0), "wants an interface"),
        ["pcapng, unknown blocks"] = (new CaptureBuilder().Section()
            .Block(0x0BAD, new byte[8]).Interface().Block(0x7777_7777, new byte[100]).Enhanced(0, 1, Packet).Block(0x0A, new byte[8])
            .Block(4, [1, 0, 6, 0, 127, 0, 0, 1, (byte)'a', 0, 0, 0]).Block(0x4000_0BAD, new byte[4]), null),
        ["pcapng, two sections"] = (new CaptureBuilder().Section().Interface().Enhanced(0, 1, Packet).Section(length: 0).Interface()
            .Enhanced(0, 2, Packet), null),
        ["pcapng, both byte orders"] = (new CaptureBuilder().Section(bigEndian: true).Interface().Enhanced(0, 1, Packet)
            .Section(bigEndian: false).Interface().Enhanced(0, 2, Packet), "wants one byte order"),
        ["pcapng, two links"] = (new CaptureBuilder().Section().Interface().Interface(113).Enhanced(0, 1, Packet).Enhanced(1, 2, Packet),
            "wants one link type"),
        ["pcapng, two snaplens"] = (new CaptureBuilder().Section().Interface(snapLength: 100).Interface(snapLength: 200)
            .Enhanced(1, 2, Packet), "wants one snaplen"),
        ["pcapng, late interface"] = (new CaptureBuilder().Section().Interface().Enhanced(0, 1, Packet).Interface().Enhanced(1, 1, Packet),
            null),
    };

    public static TheoryData<string> Names => [.. All.Keys];

    private static CaptureBuilder Pcap(uint magic, bool bigEndian) =>
        new CaptureBuilder(bigEndian).Pcap(magic).Record(1, 2, Packet).Record(3, 999_999, [])
            .Record(1_700_000_000, 5, [.. Packet, .. Packet], original: 1500);

    private static CaptureBuilder Pcapng(bool bigEndian)
    {
        var to = new CaptureBuilder(bigEndian);
        to.Section(options: [.. to.Option(1, "of the file"u8.ToArray()), .. to.Option(0)]);
        to.Interface(1, 0, [.. to.Option(2, "eth0"u8.ToArray()), .. to.Option(9, 9)])
            .Interface(1, 0, [.. to.Option(2, "eth1"u8.ToArray()), .. to.Option(9, 0x80 | 20), .. to.Number(14, 100)]);
        to.Enhanced(0, 1_700_000_000_123_456_789, Packet, original: 1500,
            options: [.. to.Option(1, "of a packet"u8.ToArray()), .. to.Number(4, 3)]);
        to.Obsolete(1, (5 << 20) + (1 << 19), [.. Packet, .. Packet], options: to.Option(1, "of an old packet"u8.ToArray()));
        to.Enhanced(0, 1_700_000_001_000_000_000, []);
        return to.Statistics(0, [.. to.Number(5, 7), .. to.Number(7, 2)]).Statistics(1, to.Number(5, -1));
    }
}
