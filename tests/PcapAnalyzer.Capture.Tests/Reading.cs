using PcapAnalyzer.Pipeline.Packets;
using Xunit;

namespace PcapAnalyzer.Capture.Tests;

/// <summary>A frame as a value.</summary>
internal sealed record Seen(long Number, long Time, string Link, string Bytes, int OriginalLength)
{
    /// <summary>By its link type's name, for raw IP has more than one number.</summary>
    internal static Seen Of(in Frame frame) => new(frame.Number, frame.Time, LinkLayers.NameOf(frame.Link),
        Convert.ToHexStringLower(frame.Bytes), frame.OriginalLength);
}

/// <summary>Everything that a source gave.</summary>
internal sealed record Reading(IReadOnlyList<Seen> Frames, CaptureSource Report)
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    internal string Problems => string.Join(" ", Report.Problems.Select(problem => problem.Code));

    internal static Reading Of(byte[] bytes) => Of(new MemoryStream(bytes));

    internal static Reading Of(Stream stream) => Of(new CaptureFileSource(new CaptureInput("test", false, stream)));

    internal static Reading Of(IFrameSource source, Action<long>? onFrame = null, CancellationTokenSource? stop = null)
    {
        using var _ = source;
        var frames = new List<Seen>();
        var report = source.Read((in frame) =>
        {
            frames.Add(Seen.Of(frame));
            onFrame?.Invoke(frame.Number);
        }, stop?.Token ?? CancellationToken.None);
        Assert.Equal((frames.Count, frames.Sum(frame => frame.Bytes.Length / 2)), (report.Packets, report.Bytes));
        return new Reading(frames, report);
    }
}
