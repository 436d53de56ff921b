using System.Buffers.Binary;
using System.Numerics;

namespace PcapAnalyzer.Pipeline.Protocols.Hashes;

/// <summary>MD5 (RFC 1321).</summary>
public static class Md5
{
    public const int DigestLength = 16;

    /// <summary>Four for each round, used by turns.</summary>
    private static ReadOnlySpan<byte> Shifts => [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];

    /// <summary>2^32 · |sin(1)|, |sin(2)|, …</summary>
    private static readonly uint[] Sines = [.. Enumerable.Range(1, 64).Select(step => (uint)(4_294_967_296 * Math.Abs(Math.Sin(step))))];

    public static void Hash(ReadOnlySpan<byte> input, Span<byte> digest)
    {
        Span<uint> state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476];
        BlockHash.Run(input, state, Take, isBigEndian: false);
        for (var i = 0; i < state.Length; i++) BinaryPrimitives.WriteUInt32LittleEndian(digest[(4 * i)..], state[i]);
    }

    private static void Take(ReadOnlySpan<byte> block, Span<uint> state)
    {
        Span<uint> words = stackalloc uint[16];
        for (var i = 0; i < words.Length; i++) words[i] = BinaryPrimitives.ReadUInt32LittleEndian(block[(4 * i)..]);
        var (a, b, c, d) = (state[0], state[1], state[2], state[3]);
        for (var i = 0; i < 16; i++) (a, d, c, b) = (d, c, b, Step(a + ((b & c) | (~b & d)), b, i, words[i]));
        for (var i = 16; i < 32; i++) (a, d, c, b) = (d, c, b, Step(a + ((d & b) | (~d & c)), b, i, words[(5 * i + 1) & 15]));
        for (var i = 32; i < 48; i++) (a, d, c, b) = (d, c, b, Step(a + (b ^ c ^ d), b, i, words[(3 * i + 5) & 15]));
        for (var i = 48; i < 64; i++) (a, d, c, b) = (d, c, b, Step(a + (c ^ (b | ~d)), b, i, words[(7 * i) & 15]));
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
    }

    private static uint Step(uint mixed, uint b, int step, uint word) =>
        b + BitOperations.RotateLeft(mixed + Sines[step] + word, Shifts[(step >> 4 << 2) | (step & 3)]);
}
