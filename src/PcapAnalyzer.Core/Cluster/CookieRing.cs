using System.Security.Cryptography;
using PcapAnalyzer.Core.Handshakes;

namespace PcapAnalyzer.Core.Cluster;

/// <summary>The cookies that a digest is tried against, in the order given.</summary>
public sealed class CookieRing(IReadOnlyList<Cookie> cookies)
{
    public static CookieRing Empty { get; } = new([]);

    public IReadOnlyList<Cookie> Cookies => cookies;

    /// <summary>Cookies that a protocol has no bytes for.</summary>
    internal IReadOnlyList<Cookie> UnusableFor(IHandshakeProtocol protocol) => [.. cookies.Where(cookie => cookie.Encode(protocol.CookieEncoding) == null)];

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

    /// <summary>The mistake that turns a given cookie into the one that made the digest, or null. Only for digests that no cookie makes.</summary>
    public NearMiss? FindNear(IHandshakeProtocol protocol, uint challenge, ReadOnlySpan<byte> digest)
    {
        Span<byte> computed = stackalloc byte[64];
        foreach (var cookie in cookies)
        {
            foreach (var (how, words, bytes) in NearMiss.Variants(cookie, protocol.CookieEncoding))
            {
                // As it is, it was tried with the protocol's own schemes; those of others may fit it.
                foreach (var scheme in how.Length == 0 ? protocol.NearSchemes : protocol.DigestSchemes)
                {
                    if (scheme.Length != digest.Length) continue;
                    scheme.Compute(challenge, bytes, computed);
                    if (!CryptographicOperations.FixedTimeEquals(computed[..scheme.Length], digest)) continue;
                    return how.Length == 0 ? new NearMiss(cookie.Label, $"scheme-{scheme.Name}", $"with a digest made as {scheme.Name} says") : new NearMiss(cookie.Label, how, words);
                }
            }
        }
        return null;
    }
}
