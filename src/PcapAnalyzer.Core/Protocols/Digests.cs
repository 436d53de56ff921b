using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using PcapAnalyzer.Core.Handshakes;

namespace PcapAnalyzer.Core.Protocols;

/// <summary>The ways to make a digest from a challenge and a cookie.</summary>
internal static class Digests
{
    /// <summary>Cookies are short; one that is not costs an array.</summary>
    private const int MostOnStack = 256;

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
            var input = cookie.Length <= MostOnStack ? stackalloc byte[sizeof(uint) + cookie.Length] : new byte[sizeof(uint) + cookie.Length];
            BinaryPrimitives.WriteUInt32BigEndian(input, challenge);
            cookie.CopyTo(input[sizeof(uint)..]);
            CryptographicOperations.HashData(Algorithm, input, digest);
        }
    }

    private sealed record DecimalLast(string Name, bool IsSigned) : DigestScheme(Name, MD5.HashSizeInBytes)
    {
        private const int LongestNumber = 11;

        public override void Compute(uint challenge, ReadOnlySpan<byte> cookie, Span<byte> digest)
        {
            var input = cookie.Length <= MostOnStack ? stackalloc byte[cookie.Length + LongestNumber] : new byte[cookie.Length + LongestNumber];
            cookie.CopyTo(input);
            var number = input[cookie.Length..];
            if (!(IsSigned ? ((int)challenge).TryFormat(number, out var count, default, CultureInfo.InvariantCulture) : challenge.TryFormat(number, out count, default, CultureInfo.InvariantCulture)))
                throw new UnreachableException();
            MD5.HashData(input[..(cookie.Length + count)], digest);
        }
    }
}
