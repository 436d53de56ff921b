using System.Text.Json;
using PcapAnalyzer.Capture;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Testing.Fuzzing;

/// <summary>Reads a capture file of either format whole, in pieces and byte by byte. All must agree. Then checks its report.</summary>
internal static class CaptureFileTarget
{
    private readonly record struct Packet(long Number, long Time, LinkLayer Link, int Interface, int OriginalLength, byte[] Bytes);

    /// <param name="Frames">The packets that were read.</param>
    /// <param name="Report">The source with its problems; null when the input is no capture.</param>
    private sealed record Reading(List<Packet> Frames, CaptureSource? Report);

    internal static void Run(ReadOnlySpan<byte> input)
    {
        var file = input.ToArray();
        var whole = Read(file, file.Length);
        foreach (var chunk in (int[])[1, 13, 64]) CheckSame(whole, Read(file, chunk), chunk);
        var check = new ReportCheck();
        foreach (var packet in whole.Frames)
        {
            FuzzFailure.Unless(packet.Bytes.Length <= packet.OriginalLength && packet.Bytes.Length <= RecordParser.MaxPacket,
                $"{packet.Bytes.Length} of {packet.OriginalLength} bytes");
            check.Accept(new Frame(packet.Number, packet.Time, packet.Link, packet.Bytes, packet.OriginalLength, packet.Interface));
        }
        check.Finish(whole.Report);
    }

    private static void CheckSame(Reading whole, Reading pieces, int chunk)
    {
        FuzzFailure.Unless(whole.Frames.Count == pieces.Frames.Count,
            $"{whole.Frames.Count} packets, {pieces.Frames.Count} in chunks of {chunk}");
        for (var i = 0; i < whole.Frames.Count; i++)
        {
            var (one, other) = (whole.Frames[i], pieces.Frames[i]);
            FuzzFailure.Unless(one.Bytes.AsSpan().SequenceEqual(other.Bytes) && one with { Bytes = [] } == other with { Bytes = [] },
                $"packet {i + 1} is {one}, and in chunks of {chunk} {other}");
        }
        var (report, otherReport) = (JsonSerializer.Serialize(whole.Report), JsonSerializer.Serialize(pieces.Report));
        FuzzFailure.Unless(report == otherReport, $"at one go\n{report}\nand in chunks of {chunk}\n{otherReport}");
    }

    /// <summary>Reads like <see cref="CaptureFileSource"/>, but on the caller's thread.</summary>
    private static Reading Read(byte[] file, int chunk)
    {
        var frames = new List<Packet>();
        var tally = new SourceTally("file", "fuzz");
        RecordParser? parser = null;
        var (start, end) = (0, 0);
        try
        {
            while (end < file.Length && parser is not { IsOver: true })
            {
                end = Math.Min(file.Length, end + chunk);
                var bytes = file.AsSpan(start, end - start);
                parser ??= bytes.Length < RecordParser.MagicLength ? null : RecordParser.For(bytes, tally)
                    ?? throw new CaptureException("no capture");
                if (parser != null) start += parser.Parse(bytes, (in frame) => frames.Add(new Packet(frame.Number, frame.Time, frame.Link,
                    frame.Interface, frame.OriginalLength, frame.Bytes.ToArray())), default);
            }
        }
        catch (CaptureException)
        {
            return new Reading(frames, null);
        }
        if (tally.Format == null) return new Reading(frames, null);
        parser!.EndOfFile(end - start);
        parser.Close();
        return new Reading(frames, tally.Report());
    }
}
