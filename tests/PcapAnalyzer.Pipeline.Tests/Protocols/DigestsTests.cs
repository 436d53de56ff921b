using System.Text;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Pipeline.Protocols.Erlang;
using PcapAnalyzer.Pipeline.Protocols.Ractor;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Pipeline.Tests;

public sealed class DigestsTests
{
    [Theory]
    [InlineData("sha256-ractor", "cookie", 42, "143e00d9d3b31d9d24452f85ac04448953081a02ed02272e592c5b13cd422ef7")]
    [InlineData("sha256-ractor", "cookie", 7, "bd89a31c3c6595d827940692921864c77d54d31e95c4026735dc80f4adfc6b03")]
    [InlineData("sha256-ractor", "secret", 4294967295, "d544107892f33a6da11b9ca7a55c4b19ee69459134c03d3d1e3fe0ea3586ae07")]
    [InlineData("sha256-ractor", "secret", 0, "09a918d5a1e196f5cbd3a2c6967c244d387459fa401c54f48720467eeca7a2ac")]
    [InlineData("md5-erlang", "cookie", 42, "bc4b5e3f17073012aea742a22f5e1b6a")]
    [InlineData("md5-erlang", "secret", 2147483648, "f8076d0a6bd5e6eec0fb455d52d7d914")]
    [InlineData("md5-erlang", "secret", 4294967295, "5dfd181e69aa587cc812eb333e6536b6")]
    [InlineData("md5-erlang", "", 5, "e4da3b7fbbce2345d7772b0674a318d5")]
    [InlineData("md5-erlang", "secret", 0, "175ec77a7f63082590987d0d8b051aff")]
    [InlineData("md5-erlang", "kéy", 7, "429faa6274d1f2b5a6a07cab2386b617")]
    [InlineData("md5-ractor", "cookie", 42, "MD5")]
    public void Each_digest_has_its_known_answer(string scheme, string cookie, long challenge, string expected)
    {
        var found = HandshakeProtocols.All.SelectMany(protocol => protocol.DigestSchemes.Concat(protocol.NearSchemes))
            .First(one => one.Name == scheme);
        var digest = new byte[found.Length];
        found.Compute((uint)challenge, Encoding.Latin1.GetBytes(cookie), digest);
        if (expected == "MD5") expected = Convert.ToHexStringLower(
            System.Security.Cryptography.MD5.HashData([0, 0, 0, (byte)challenge, .. Encoding.Latin1.GetBytes(cookie)]));
        Assert.Equal(expected, Convert.ToHexStringLower(digest));
    }

    [Fact]
    public void A_cookie_is_encoded_as_its_protocol_says()
    {
        var ring = new CookieRing([Cookie.FromText("prod", "kéy")]);
        Assert.NotNull(ring.Find(new ErlangProtocol(), 7, ErlangBytes.Digest(7, "kéy")));
        Assert.NotNull(ring.Find(new RactorProtocol(), 7, RactorBytes.Digest(7, "kéy")));
    }

    [Theory]
    [InlineData("secret")]
    [InlineData("secret\n")]
    [InlineData("secret\r\n")]
    [InlineData("secret\rmore\n")]
    public void A_cookie_file_ends_with_its_first_line(string content) =>
        Assert.Equal("secret"u8.ToArray(), Cookie.FromFile("prod", Encoding.Latin1.GetBytes(content)).Encode(Encoding.Latin1));
}
