using System.Buffers.Binary;

namespace PcapAnalyzer.Pipeline.Protocols.Hashes;

/// <summary>Takes one block of 64 bytes into the state.</summary>
internal delegate void BlockFunction(ReadOnlySpan<byte> block, Span<uint> state);

/// <summary>What MD5 and SHA-256 have in common: blocks of 64 bytes, the last one filled up with the length (Merkle–Damgård).</summary>
/// <remarks>
/// We have our own because a proof is one block: OpenSSL takes six times as long for it, and the runtime ends the process where
/// the library of OpenSSL is missing.
/// </remarks>
internal static class BlockHash
{
    private const int Block = 64;
    private const int Length = sizeof(ulong);

    /// <param name="input">All bytes to hash.</param>
    /// <param name="state">The initial words of the hash; afterwards the digest.</param>
    /// <param name="take">The block function.</param>
    /// <param name="isBigEndian">Byte order of the length.</param>
    internal static void Run(ReadOnlySpan<byte> input, Span<uint> state, BlockFunction take, bool isBigEndian)
    {
        var rest = input;
        for (; rest.Length >= Block; rest = rest[Block..]) take(rest[..Block], state);
        Span<byte> last = stackalloc byte[2 * Block];
        last.Clear();
        rest.CopyTo(last);
        last[rest.Length] = 0x80;
        last = last[..(rest.Length + 1 + Length <= Block ? Block : 2 * Block)];
        var bits = 8 * (ulong)input.Length;
        if (isBigEndian) BinaryPrimitives.WriteUInt64BigEndian(last[^Length..], bits);
        else BinaryPrimitives.WriteUInt64LittleEndian(last[^Length..], bits);
        for (; !last.IsEmpty; last = last[Block..]) take(last[..Block], state);
    }
}
