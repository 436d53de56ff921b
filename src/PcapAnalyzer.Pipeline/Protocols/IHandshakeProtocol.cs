using System.Buffers;
using System.Collections.ObjectModel;
using System.Text;
using PcapAnalyzer.Pipeline.Protocols.Tls;

namespace PcapAnalyzer.Pipeline.Protocols;

/// <summary>How a digest is made from a challenge and a cookie.</summary>
public abstract record DigestScheme(string Name, int Length)
{
    /// <summary>What people call it.</summary>
    public string Title { get; init; } = Name;

    /// <param name="challenge">The challenge that the other side sent.</param>
    /// <param name="cookie">The cookie in the protocol's encoding.</param>
    /// <param name="digest">Takes <see cref="Length"/> bytes.</param>
    public abstract void Compute(uint challenge, ReadOnlySpan<byte> cookie, Span<byte> digest);
}

/// <summary>A length prefix that was read.</summary>
/// <param name="Header">Bytes of the prefix.</param>
/// <param name="Body">Bytes of the body, as the prefix says.</param>
public readonly record struct MessageFrame(int Header, long Body);

/// <summary>What one protocol knows about its bytes. It knows no states and concludes nothing. Members with a body are optional.</summary>
public interface IHandshakeProtocol
{
    /// <summary>As in the report and in <c>--protocol</c>.</summary>
    string Name { get; }

    /// <summary>What people call it.</summary>
    string Title => Name;

    /// <summary>Longest body that a receiver accepts.</summary>
    long MaxMessageLength { get; }

    /// <summary>How this protocol turns a cookie's text into bytes; throws on what it cannot encode.</summary>
    Encoding CookieEncoding { get; }

    /// <summary>The schemes its digests may follow.</summary>
    IReadOnlyList<DigestScheme> DigestSchemes { get; }

    /// <summary>Schemes of other protocols, and known slips, tried when nothing else makes a digest: to name the mistake.</summary>
    IReadOnlyList<DigestScheme> NearSchemes => [];

    /// <summary>Its capability flags; null when it has none.</summary>
    ICapabilityFlags? Flags => null;

    /// <summary>How long a side waits in a state before it gives up, in nanoseconds; null when it waits for ever.</summary>
    long? WaitLimit(HandshakeState state) => null;

    /// <summary>How long a whole handshake may take before it counts as hanging, in nanoseconds.</summary>
    long SetupTime => 7_000_000_000;

    /// <summary>True when no maintained release sends such a name: the initiator may be a library in another language.</summary>
    bool MayBeForeign(MessageContent name) => false;

    /// <summary>The product whose nodes have such names, as <c>docs/diagnoses.md</c> calls it; null when unknown.</summary>
    string? ProductOf(string node) => null;

    /// <summary>Words of this protocol for the remedies.</summary>
    ProtocolWords Words => ProtocolWords.Plain;

    /// <summary>Well-known ports on which the programs that speak this protocol speak another, and what they are.</summary>
    IReadOnlyDictionary<ushort, string> OtherPorts => ReadOnlyDictionary<ushort, string>.Empty;

    /// <summary>Its nodes end a session whose peer has said nothing for a while: they send ticks.</summary>
    bool HasTicks => false;

    /// <summary>What it knows about its bytes behind the handshake, for one capture; null where it knows nothing.</summary>
    ISessionProtocol? OpenSessions() => null;

    /// <summary>Tells by their first bytes whether a direction speaks this protocol's handshake.</summary>
    /// <param name="start">The first bytes of the direction.</param>
    /// <param name="from">Whose they are, when nothing stood before them for certain; else null, and any message may stand there.</param>
    /// <param name="isAll">No more will be looked at: decide.</param>
    OperationStatus Probe(ReadOnlySpan<byte> start, Role? from, bool isAll);

    /// <summary>Reads a length prefix.</summary>
    OperationStatus TryReadFrame(ReadOnlySpan<byte> bytes, out MessageFrame frame);

    /// <summary>True when no handshake message of the same sender follows: what does has length prefixes of another kind.</summary>
    bool IsLastOf(MessageKind kind) => kind is MessageKind.ChallengeReply or MessageKind.ChallengeAck;

    /// <summary>
    /// True when the sizes of all encrypted records of a TLS session can be those of a handshake that ends with the challenge reply.
    /// </summary>
    bool EndsWithReply(IReadOnlyList<SealedRecord> records) => false;

    /// <summary>Decodes a body.</summary>
    /// <param name="body">The body, or its captured beginning.</param>
    /// <param name="frame">Its length prefix: more bytes than <paramref name="body"/> has when it was cut.</param>
    /// <param name="from">Who sent it, where that is known already.</param>
    /// <param name="withFields">Where its fields stand is wanted, too: for reports, not to follow a handshake.</param>
    /// <param name="content">What it says.</param>
    bool TryParse(ReadOnlySpan<byte> body, MessageFrame frame, Role? from, bool withFields, out MessageContent content);
}

/// <summary>What a remedy calls things in one protocol.</summary>
/// <param name="Cookie">Where an operator sets the cookie.</param>
/// <param name="Restart">What makes a node take a changed cookie.</param>
/// <param name="Refused">How it comes that a node refuses another by name.</param>
/// <param name="NameMismatch">What makes an initiator close when it reads the acceptor's name, where it compares that.</param>
/// <param name="SilentGiveUp">Why an acceptor closes without a status after its own limit, where it has one.</param>
/// <param name="Limit">What tells its limit for a peer's answer, before the number.</param>
/// <param name="UnreadName">Why a healthy node may leave a name without an answer, where there is such a reason.</param>
public sealed record ProtocolWords(
    string Cookie, string Restart, string Refused, string? NameMismatch, string? SilentGiveUp, string Limit, string? UnreadName)
{
    /// <summary>What hangs in a node that sends its status and no challenge, where that is known.</summary>
    public string? StatusOnly { get; init; }

    /// <summary>Where to look when each side proves a cookie of its own, where a node may have one for each peer.</summary>
    public string? PeerCookies { get; init; }

    /// <summary>Why a foreign implementation's proof may be wrong though its cookie is right.</summary>
    public string? ForeignDigest { get; init; }

    /// <summary>The calls that close a session.</summary>
    public string? DisconnectCalls { get; init; }

    /// <summary>What lets a sender wait longer for a peer that does not read.</summary>
    public string? LargerBuffer { get; init; }

    /// <summary>The setting for the longest frame that a node accepts.</summary>
    public string? FrameLimit { get; init; }

    /// <summary>Programs that connect as hidden nodes.</summary>
    public string? HiddenNodes { get; init; }

    /// <summary>For a protocol that has no words of its own.</summary>
    public static ProtocolWords Plain { get; } = new("its cookie", "restart it", "that node's own rules refuse the name", null, null,
        "its limit is", null);
}
