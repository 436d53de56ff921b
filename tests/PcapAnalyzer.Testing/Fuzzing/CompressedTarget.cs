using PcapAnalyzer.Capture;

namespace PcapAnalyzer.Testing.Fuzzing;

/// <summary>A file that gzip or zstd compressed, or that looks like it: in large pieces and in small ones the same bytes.</summary>
internal static class CompressedTarget
{
    /// <summary>Bytes of the content that are looked at: a few of the input can stand for very many.</summary>
    private const int Most = 64 << 10;

    /// <param name="Content">What came.</param>
    /// <param name="Problem">What ended it before its end; null where nothing did.</param>
    private readonly record struct Reading(byte[] Content, Type? Problem);

    internal static void Run(ReadOnlySpan<byte> input)
    {
        var file = input.ToArray();
        var (whole, pieces) = (Read(file, Most), Read(file, 13));
        var shared = Math.Min(whole.Content.Length, pieces.Content.Length);
        FuzzFailure.Unless(whole.Content.AsSpan(0, shared).SequenceEqual(pieces.Content.AsSpan(0, shared)), $"other content in pieces");
        // Whether a damaged end is told may depend on the pieces: zstd's decoder takes another way where a frame fits into one.
        FuzzFailure.Unless(whole.Problem != null || pieces.Problem != null || whole.Content.Length == pieces.Content.Length, $"{whole.Content.Length} bytes, in pieces {pieces.Content.Length}");
    }

    /// <summary>As <see cref="ReadAhead"/> does it: any exception of a decoder is the end, and is told.</summary>
    private static Reading Read(byte[] file, int piece)
    {
        using var content = new MemoryStream();
        try
        {
            using var input = new CaptureInput("fuzz", false, new MemoryStream(file));
            using var stream = input.Content;
            var buffer = new byte[piece];
            while (content.Length < Most && stream.Read(buffer, 0, (int)Math.Min(piece, Most - content.Length)) is var count and > 0) content.Write(buffer, 0, count);
            return new Reading(content.ToArray(), null);
        }
        catch (Exception problem) when (problem is not FuzzFailure)
        {
            return new Reading(content.ToArray(), problem.GetType());
        }
    }
}
