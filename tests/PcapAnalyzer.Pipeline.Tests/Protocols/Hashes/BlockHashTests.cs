using System.Security.Cryptography;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols.Hashes;
using Xunit;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>Our hashes against those of OpenSSL: every length around the ends of the first blocks.</summary>
public sealed class BlockHashTests
{
    [Fact]
    public void MD5_equals_the_frameworks() => Compare(Md5.DigestLength, Md5.Hash, MD5.HashData);

    [Fact]
    public void SHA256_equals_the_frameworks() => Compare(Sha256.DigestLength, Sha256.Hash, SHA256.HashData);

    private delegate void Hash(ReadOnlySpan<byte> input, Span<byte> digest);

    private static void Compare(int length, Hash ours, Func<byte[], byte[]> others)
    {
        var random = new Random(1);
        for (var count = 0; count < 400; count++)
        {
            var input = new byte[count];
            random.NextBytes(input);
            var digest = new byte[length];
            ours(input, digest);
            Assert.Equal(others(input), digest);
        }
    }
}
