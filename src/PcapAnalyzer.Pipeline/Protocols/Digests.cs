using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using PcapAnalyzer.Pipeline.Protocols.Hashes;

namespace PcapAnalyzer.Pipeline.Protocols;

/// <summary>The ways to make a digest from a challenge and a cookie.</summary>
internal static class Digests
{
    /// <summary>Cookies are short; one that is not costs an array.</summary>
    private const int MostOnStack = 256;

    /// <summary>SHA-256(challenge as four bytes ‖ cookie): every released ractor_cluster.</summary>
    internal static DigestScheme Sha256Ractor { get; } = new BinaryFirst("sha256-ractor", Sha256.Hash,
        Sha256.DigestLength)
    { Title = "ractor" };

    /// <summary>MD5(challenge as four bytes ‖ cookie).</summary>
    internal static DigestScheme Md5Ractor { get; } = new BinaryFirst("md5-ractor", Md5.Hash, Md5.DigestLength) { Title = "early ractor" };

    /// <summary>MD5(cookie ‖ challenge as unsigned decimal text): Erlang's <c>dist_util:gen_digest/2</c>.</summary>
    internal static DigestScheme Md5Erlang { get; } = new DecimalLast("md5-erlang", IsSigned: false) { Title = "Erlang" };

    /// <summary>The same with the challenge printed as a signed number, a slip of foreign implementations.</summary>
    internal static DigestScheme Md5ErlangSigned { get; } = new DecimalLast("md5-erlang-signed", IsSigned: true);

    private delegate void HashFunction(ReadOnlySpan<byte> input, Span<byte> digest);

    private sealed record BinaryFirst(string Name, HashFunction Hash, int Length) : DigestScheme(Name, Length)
    {
        public override void Compute(uint challenge, ReadOnlySpan<byte> cookie, Span<byte> digest)
        {
            var input = cookie.Length <= MostOnStack ? stackalloc byte[sizeof(uint) + cookie.Length]
                : new byte[sizeof(uint) + cookie.Length];
            BinaryPrimitives.WriteUInt32BigEndian(input, challenge);
            cookie.CopyTo(input[sizeof(uint)..]);
            Hash(input, digest);
        }
    }

    private sealed record DecimalLast(string Name, bool IsSigned) : DigestScheme(Name, Md5.DigestLength)
    {
        private const int LongestNumber = 11;

        public override void Compute(uint challenge, ReadOnlySpan<byte> cookie, Span<byte> digest)
        {
            var input = cookie.Length <= MostOnStack ? stackalloc byte[cookie.Length + LongestNumber]
                : new byte[cookie.Length + LongestNumber];
            cookie.CopyTo(input);
            var number = input[cookie.Length..];
            if (!(IsSigned ? ((int)challenge).TryFormat(number, out var count, default, CultureInfo.InvariantCulture)
                : challenge.TryFormat(number, out count, default, CultureInfo.InvariantCulture)))
                throw new UnreachableException();
            Md5.Hash(input[..(cookie.Length + count)], digest);
        }
    }
}
