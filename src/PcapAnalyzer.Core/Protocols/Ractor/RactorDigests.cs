using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using PcapAnalyzer.Core.Handshakes;

namespace PcapAnalyzer.Core.Protocols.Ractor;

/// <summary>The schemes that implementations of ractor's handshake follow.</summary>
internal static class RactorDigests
{
    internal static IReadOnlyList<DigestScheme> All { get; } = [new Sha256(), new Md5(), new Md5Erlang()];

    /// <summary>SHA-256(challenge as four bytes ‖ cookie): every released version.</summary>
    private sealed record Sha256() : DigestScheme("sha256-ractor", SHA256.HashSizeInBytes)
    {
        public override void Compute(uint challenge, ReadOnlySpan<byte> cookie, Span<byte> digest)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            AppendBinary(hash, challenge, cookie, digest);
        }
    }

    /// <summary>MD5(challenge as four bytes ‖ cookie).</summary>
    private sealed record Md5() : DigestScheme("md5-ractor", MD5.HashSizeInBytes)
    {
        public override void Compute(uint challenge, ReadOnlySpan<byte> cookie, Span<byte> digest)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
            AppendBinary(hash, challenge, cookie, digest);
        }
    }

    /// <summary>MD5(cookie ‖ challenge as unsigned decimal text), as Erlang does it.</summary>
    private sealed record Md5Erlang() : DigestScheme("md5-erlang", MD5.HashSizeInBytes)
    {
        public override void Compute(uint challenge, ReadOnlySpan<byte> cookie, Span<byte> digest)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
            hash.AppendData(cookie);
            hash.AppendData(Encoding.ASCII.GetBytes(challenge.ToString(CultureInfo.InvariantCulture)));
            hash.GetHashAndReset(digest);
        }
    }

    private static void AppendBinary(IncrementalHash hash, uint challenge, ReadOnlySpan<byte> cookie, Span<byte> digest)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(number, challenge);
        hash.AppendData(number);
        hash.AppendData(cookie);
        hash.GetHashAndReset(digest);
    }
}
