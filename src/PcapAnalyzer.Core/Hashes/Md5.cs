using System.Buffers.Binary;
using System.Numerics;

namespace PcapAnalyzer.Core.Hashes;

/// <summary>MD5 (RFC 1321).</summary>
internal static class Md5
{
    internal const int DigestLength = 16;

    /// <summary>Four for each round, used by turns.</summary>
    private static ReadOnlySpan<byte> Shifts => [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];

    /// <summary>2^32 · |sin(1)|, |sin(2)|, …</summary>
    private static readonly uint[] Sines = [.. Enumerable.Range(1, 64).Select(step => (uint)(4_294_967_296 * Math.Abs(Math.Sin(step))))];

    internal static void Hash(ReadOnlySpan<byte> input, Span<byte> digest)
    {
        Span<uint> state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476];
        BlockHash.Run(input, state, Take, isBigEndian: false);
        for (var i = 0; i < state.Length; i++) BinaryPrimitives.WriteUInt32LittleEndian(digest[(4 * i)..], state[i]);
    }

    private static void Take(ReadOnlySpan<byte> block, Span<uint> state)
    {
        var (a, b, c, d) = (state[0], state[1], state[2], state[3]);
        for (var step = 0; step < 64; step++)
        {
            var (mixed, word) = (step >> 4) switch
            {
                0 => ((b & c) | (~b & d), step),
                1 => ((d & b) | (~d & c), 5 * step + 1),
                2 => (b ^ c ^ d, 3 * step + 5),
                _ => (c ^ (b | ~d), 7 * step),
            };
            var sum = a + mixed + Sines[step] + BinaryPrimitives.ReadUInt32LittleEndian(block[(4 * (word & 15))..]);
            (a, d, c, b) = (d, c, b, b + BitOperations.RotateLeft(sum, Shifts[(step >> 4 << 2) | (step & 3)]));
        }
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
    }
}
