using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Judging.Cookies;

public enum Verdict
{
    Verified,
    Mismatch,

    /// <summary>No cookie was given.</summary>
    NoCookie,

    /// <summary>The message with the challenge is not in the capture.</summary>
    NoChallenge,

    /// <summary>The proof or its challenge is partly missing, or was sent twice with different content.</summary>
    NotVerifiable,
}

/// <summary>A digest and its verdict.</summary>
/// <param name="Challenge">The challenge that it answers; null where it was not seen.</param>
/// <param name="Digest">Null where a part of it is missing.</param>
/// <param name="Scheme">Known once it verifies, or when only one scheme has this length.</param>
/// <param name="Cookie">Label of the cookie that verifies it.</param>
public sealed record Proof(Role By, HandshakeMessage Message, uint? Challenge, byte[]? Digest, string? Scheme, Verdict Verdict,
    string? Cookie)
{
    public bool IsVerified => Verdict == Verdict.Verified;

    public bool IsMismatch => Verdict == Verdict.Mismatch;

    /// <summary>No scheme makes a digest of this length.</summary>
    public bool IsOfNoScheme { get; private init; }

    /// <summary>A usual mistake that explains a mismatch.</summary>
    public NearMiss? Near { get; private init; }

    /// <summary>The proof of one side, or null when it sent none.</summary>
    public static Proof? Of(Handshake handshake, Role by, CookieRing ring)
    {
        var (proofKind, challengeKind) = by == Role.Initiator
            ? (MessageKind.ChallengeReply, MessageKind.Challenge)
            : (MessageKind.ChallengeAck, MessageKind.ChallengeReply);
        var protocol = handshake.Protocol;
        if (Last(handshake, proofKind) is not { } message) return null;
        var challenge = Last(handshake, challengeKind);
        var number = challenge?.Content.Challenge;
        var digest = message.Content.Digest;
        Proof With(Verdict verdict, string? scheme = null, string? cookie = null) =>
            new(by, message, number, digest, scheme, verdict, cookie);
        if (digest == null || IsConflicting(handshake, proofKind)) return With(Verdict.NotVerifiable);
        if (challenge == null) return With(Verdict.NoChallenge);
        // A proof sent by the wrong side is a violation and proves nothing.
        if (message.From != by || challenge.From == by) return With(Verdict.NotVerifiable);
        if (number is not { } asked || IsConflicting(handshake, challengeKind)) return With(Verdict.NotVerifiable);
        if (ring.Find(protocol, asked, digest) is { } found) return With(Verdict.Verified, found.Scheme.Name, found.Cookie.Label);
        var schemes = Making(digest.Length, protocol);
        if (schemes.Count == 0) return With(Verdict.Mismatch) with { IsOfNoScheme = true };
        var name = schemes.Count == 1 ? schemes[0].Name : null;
        return ring.Cookies.Count == 0 ? With(Verdict.NoCookie, name)
            : With(Verdict.Mismatch, name) with { Near = ring.FindNear(protocol, asked, digest) };
    }

    private static List<DigestScheme> Making(int length, IHandshakeProtocol protocol) =>
        [.. protocol.DigestSchemes.Where(scheme => scheme.Length == length)];

    private static HandshakeMessage? Last(Handshake handshake, MessageKind kind)
    {
        HandshakeMessage? last = null;
        foreach (var message in handshake.Messages)
            if (message.Kind == kind) last = message;
        return last;
    }

    /// <summary>The same bytes, or the same message, were sent twice with different content.</summary>
    internal static bool IsConflicting(Handshake handshake, MessageKind kind)
    {
        var first = handshake.First(kind)?.Content;
        foreach (var message in handshake.Messages)
            if (message.Kind == kind && (message.IsConflicting || message.Content.Challenge != first!.Challenge
                || !message.Content.Digest.AsSpan().SequenceEqual(first.Digest))) return true;
        return false;
    }
}
