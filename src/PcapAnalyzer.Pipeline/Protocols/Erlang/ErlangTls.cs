using PcapAnalyzer.Pipeline.Protocols.Tls;

namespace PcapAnalyzer.Pipeline.Protocols.Erlang;

/// <summary>What the sizes of encrypted records tell of a handshake in Erlang's own TLS, whose messages have a u32 length.</summary>
internal static class ErlangTls
{
    private const int Name = 4 + 15;
    private const int StatusOk = 4 + 3;
    private const int Challenge = 4 + 19;
    private const int Reply = 4 + 21;

    /// <summary>A name is <c>a@h</c> at least, and at most 255 characters on either side.</summary>
    private const int ShortestName = 3;
    private const int LongestName = 511;

    /// <summary>What encryption adds: TLS 1.2 with ChaCha20, TLS 1.3, TLS 1.2 with GCM.</summary>
    private static readonly int[] Overheads = [16, 17, 24];

    /// <summary>Name, <c>ok</c>, challenge and reply, and no more. A block cipher rounds sizes, so that nothing can be told.</summary>
    internal static bool EndsWithReply(IReadOnlyList<SealedRecord> records)
    {
        if (records.Count < 4) return false;
        var (name, status, challenge, reply) = (records[^4], records[^3], records[^2], records[^1]);
        if ((name.From, status.From, challenge.From, reply.From) != (Role.Initiator, Role.Acceptor, Role.Acceptor, Role.Initiator))
            return false;
        foreach (var added in Overheads)
            if (reply.Length == Reply + added && status.Length == StatusOk + added
                && HoldsName(name.Length - Name - added) && HoldsName(challenge.Length - Challenge - added)) return true;
        return false;
    }

    private static bool HoldsName(int length) => length is >= ShortestName and <= LongestName;
}
