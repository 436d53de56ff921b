using System.Security.Cryptography;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Judging.Cookies;

/// <summary>The cookies that a digest is compared with, in the order in which they were given.</summary>
public sealed class CookieRing(IReadOnlyList<Cookie> cookies)
{
    public static CookieRing Empty { get; } = new([]);

    public IReadOnlyList<Cookie> Cookies => cookies;

    /// <summary>Cookies that a protocol cannot encode.</summary>
    internal IReadOnlyList<Cookie> UnusableFor(IHandshakeProtocol protocol) =>
        [.. cookies.Where(cookie => cookie.Encode(protocol.CookieEncoding) == null)];

    /// <summary>The first cookie and scheme that make the digest, or null. Digests are compared in constant time.</summary>
    /// <param name="digest">Its length selects the schemes.</param>
    public (Cookie Cookie, DigestScheme Scheme)? Find(IHandshakeProtocol protocol, uint challenge, ReadOnlySpan<byte> digest)
    {
        for (var i = 0; i < cookies.Count; i++)
            if (cookies[i].Encode(protocol.CookieEncoding) is { } bytes
                && SchemeOf(protocol.DigestSchemes, challenge, bytes, digest) is { } scheme) return (cookies[i], scheme);
        return null;
    }

    /// <summary>The mistake that makes the digest from a given cookie, or null. Only for digests that no cookie makes.</summary>
    public NearMiss? FindNear(IHandshakeProtocol protocol, uint challenge, ReadOnlySpan<byte> digest)
    {
        foreach (var cookie in cookies)
        {
            foreach (var (how, words, bytes) in NearMiss.Variants(cookie, protocol.CookieEncoding))
            {
                // The unchanged cookie was tried with the protocol's own schemes; other protocols' schemes may fit it.
                var isPlain = how.Length == 0;
                if (SchemeOf(isPlain ? protocol.NearSchemes : protocol.DigestSchemes, challenge, bytes, digest) is not { } scheme) continue;
                return isPlain ? new NearMiss(cookie.Label, $"scheme-{scheme.Name}", $"with a digest made as {scheme.Name} says")
                    : new NearMiss(cookie.Label, how, words);
            }
        }
        return null;
    }

    private static DigestScheme? SchemeOf(IReadOnlyList<DigestScheme> schemes, uint challenge, ReadOnlySpan<byte> cookie,
        ReadOnlySpan<byte> digest)
    {
        Span<byte> computed = stackalloc byte[64];
        for (var i = 0; i < schemes.Count; i++)
        {
            var scheme = schemes[i];
            if (scheme.Length != digest.Length) continue;
            scheme.Compute(challenge, cookie, computed);
            if (CryptographicOperations.FixedTimeEquals(computed[..scheme.Length], digest)) return scheme;
        }
        return null;
    }
}
