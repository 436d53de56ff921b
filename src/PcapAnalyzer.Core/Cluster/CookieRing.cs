using System.Security.Cryptography;
using PcapAnalyzer.Core.Handshakes;

namespace PcapAnalyzer.Core.Cluster;

/// <summary>The cookies that a digest is tried against, in the order given.</summary>
public sealed class CookieRing(IReadOnlyList<Cookie> cookies)
{
    public static CookieRing Empty { get; } = new([]);

    public IReadOnlyList<Cookie> Cookies => cookies;

    /// <summary>The first cookie and scheme that make the digest, or null. Digests are compared in constant time.</summary>
    /// <param name="protocol">Whose schemes and encoding to try.</param>
    /// <param name="challenge">What the digest answers.</param>
    /// <param name="digest">The digest; its length selects the schemes.</param>
    public (Cookie Cookie, DigestScheme Scheme)? Find(IHandshakeProtocol protocol, uint challenge, ReadOnlySpan<byte> digest)
    {
        Span<byte> computed = stackalloc byte[64];
        foreach (var cookie in cookies)
        {
            if (cookie.Encode(protocol.CookieEncoding) is not { } bytes) continue;
            foreach (var scheme in protocol.DigestSchemes)
            {
                if (scheme.Length != digest.Length) continue;
                scheme.Compute(challenge, bytes, computed);
                if (CryptographicOperations.FixedTimeEquals(computed[..scheme.Length], digest)) return (cookie, scheme);
            }
        }
        return null;
    }
}
