using PcapAnalyzer.Capture;

namespace PcapAnalyzer.Testing.Fuzzing;

/// <summary>Reads a gzip or zstd file, valid or not. Large and small reads must return the same bytes.</summary>
internal static class CompressedTarget
{
    /// <summary>Maximum bytes of content to read, because a small input can expand to very many.</summary>
    private const int Most = 64 << 10;

    /// <param name="Content">The bytes that were read.</param>
    /// <param name="Problem">The exception that ended the content early; null for none.</param>
    private readonly record struct Reading(byte[] Content, Type? Problem);

    internal static void Run(ReadOnlySpan<byte> input)
    {
        var file = input.ToArray();
        var (whole, pieces) = (Read(file, Most), Read(file, 13));
        var shared = Math.Min(whole.Content.Length, pieces.Content.Length);
        FuzzFailure.Unless(whole.Content.AsSpan(0, shared).SequenceEqual(pieces.Content.AsSpan(0, shared)), $"other content in pieces");
        // Whether damage is reported may depend on the read size: zstd's decoder takes another path when a frame fits into one read.
        FuzzFailure.Unless(whole.Problem != null || pieces.Problem != null || whole.Content.Length == pieces.Content.Length,
            $"{whole.Content.Length} bytes, in pieces {pieces.Content.Length}");
    }

    /// <summary>Reads like <see cref="ReadAhead"/>: any exception of a decoder ends the content and is reported.</summary>
    private static Reading Read(byte[] file, int piece)
    {
        using var content = new MemoryStream();
        try
        {
            using var input = new CaptureInput("fuzz", false, new MemoryStream(file));
            using var stream = input.Content;
            var buffer = new byte[piece];
            while (content.Length < Most && stream.Read(buffer, 0, (int)Math.Min(piece, Most - content.Length)) is var count and > 0)
                content.Write(buffer, 0, count);
            return new Reading(content.ToArray(), null);
        }
        catch (Exception problem) when (problem is not FuzzFailure)
        {
            return new Reading(content.ToArray(), problem.GetType());
        }
    }
}
