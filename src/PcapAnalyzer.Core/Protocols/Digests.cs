using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using PcapAnalyzer.Core.Handshakes;

namespace PcapAnalyzer.Core.Protocols;

/// <summary>The ways to make a digest from a challenge and a cookie.</summary>
internal static class Digests
{
    /// <summary>SHA-256(challenge as four bytes ‖ cookie): every released ractor_cluster.</summary>
    internal static DigestScheme Sha256Ractor { get; } = new BinaryFirst("sha256-ractor", HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);

    /// <summary>MD5(challenge as four bytes ‖ cookie).</summary>
    internal static DigestScheme Md5Ractor { get; } = new BinaryFirst("md5-ractor", HashAlgorithmName.MD5, MD5.HashSizeInBytes);

    /// <summary>MD5(cookie ‖ challenge as unsigned decimal text): Erlang's <c>dist_util:gen_digest/2</c>.</summary>
    internal static DigestScheme Md5Erlang { get; } = new DecimalLast("md5-erlang", IsSigned: false);

    /// <summary>The same with the challenge printed as a signed number, a slip of foreign implementations.</summary>
    internal static DigestScheme Md5ErlangSigned { get; } = new DecimalLast("md5-erlang-signed", IsSigned: true);

    private sealed record BinaryFirst(string Name, HashAlgorithmName Algorithm, int Length) : DigestScheme(Name, Length)
    {
        public override void Compute(uint challenge, ReadOnlySpan<byte> cookie, Span<byte> digest)
        {
            using var hash = IncrementalHash.CreateHash(Algorithm);
            Span<byte> number = stackalloc byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(number, challenge);
            hash.AppendData(number);
            hash.AppendData(cookie);
            hash.GetHashAndReset(digest);
        }
    }

    private sealed record DecimalLast(string Name, bool IsSigned) : DigestScheme(Name, MD5.HashSizeInBytes)
    {
        public override void Compute(uint challenge, ReadOnlySpan<byte> cookie, Span<byte> digest)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
            var number = IsSigned ? ((int)challenge).ToString(CultureInfo.InvariantCulture) : challenge.ToString(CultureInfo.InvariantCulture);
            hash.AppendData(cookie);
            hash.AppendData(Encoding.ASCII.GetBytes(number));
            hash.GetHashAndReset(digest);
        }
    }
}
