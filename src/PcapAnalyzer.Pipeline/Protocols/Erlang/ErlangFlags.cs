namespace PcapAnalyzer.Pipeline.Protocols.Erlang;

/// <summary>The distribution flags: their names, who demands which, and what they tell about a release.</summary>
/// <remarks><c>lib/kernel/include/dist.hrl</c>. Where the public document and nodes differ (bit 26), nodes are right.</remarks>
internal sealed class ErlangFlags : ICapabilityFlags
{
    internal static readonly ErlangFlags Meaning = new();

    internal const ulong Published = 1;
    internal const ulong BigCreation = 1 << 18;
    internal const ulong Handshake23 = 1 << 24;
    internal const ulong Mandatory25Digest = 1 << 26;
    internal const ulong NameMe = 1UL << 33;

    private const ulong Spawn = 1UL << 32;
    private const ulong V4Nc = 1UL << 34;
    private const ulong Alias = 1UL << 35;
    private const ulong AltActSig = 1UL << 37;
    private const ulong NativeRecords = 1UL << 38;

    /// <summary>Every Erlang VM sends it, whatever carries its distribution; the libraries for C and Java never do.</summary>
    private const ulong UnicodeIo = 1 << 12;

    /// <summary>Mandatory since OTP 25; bit 26 stands for all of them.</summary>
    private const ulong Since25 = 0x1070F94;

    /// <summary>Mandatory since OTP 26, on top of those.</summary>
    private const ulong Since26 = 0x4_0200_0000;

    private static readonly string?[] Names =
    [
        "PUBLISHED", "ATOM_CACHE", "EXTENDED_REFERENCES", "DIST_MONITOR", "FUN_TAGS", "DIST_MONITOR_NAME", "HIDDEN_ATOM_CACHE",
            "NEW_FUN_TAGS",
        "EXTENDED_PIDS_PORTS", "EXPORT_PTR_TAG", "BIT_BINARIES", "NEW_FLOATS", "UNICODE_IO", "DIST_HDR_ATOM_CACHE", "SMALL_ATOM_TAGS",
            "ETS_COMPRESSED",
        "UTF8_ATOMS", "MAP_TAG", "BIG_CREATION", "SEND_SENDER", "BIG_SEQTRACE_LABELS", "PENDING_CONNECT", "EXIT_PAYLOAD", "FRAGMENTS",
        "HANDSHAKE_23", "UNLINK_ID", "MANDATORY_25_DIGEST", null, null, null, null, null,
        "SPAWN", "NAME_ME", "V4_NC", "ALIAS", "LOCAL_EXT", "ALTACT_SIG", "NATIVE_RECORDS",
    ];

    private static readonly (string Release, ulong Mandatory)[] Rules =
    [
        ("OTP 23", BigCreation),
        ("OTP 25", Since25),
        ("OTP 26", Since25 | Since26),
    ];

    public string NameOf(int bit) => (bit < Names.Length ? Names[bit] : null) ?? $"BIT_{bit}";

    public bool IsHidden(ulong flags) => (flags & Published) == 0;

    public string? ReleaseOf(ulong flags) => flags switch
    {
        _ when (flags & UnicodeIo) == 0 => null,
        _ when (flags & NativeRecords) != 0 => "OTP 29 or later",
        _ when (flags & AltActSig) != 0 => "OTP 28",
        _ when (flags & Mandatory25Digest) != 0 => "OTP 25 to 27",
        _ when (flags & (V4Nc | Alias)) != 0 => "OTP 24",
        _ when (flags & (Spawn | Handshake23)) != 0 => "OTP 23",
        _ => "OTP 22 or older, or a foreign implementation",
    };

    public IReadOnlyList<MissingFlags> MissingOf(ulong flags, ulong? demander)
    {
        if ((flags & Mandatory25Digest) != 0) flags |= Since25;
        var missing = new List<MissingFlags>();
        var said = 0UL;
        foreach (var (release, mandatory) in Rules)
        {
            // A node demands of others only what it has itself; what it has tells how new it may be.
            if (demander is { } has && (Expanded(has) & mandatory) != mandatory) break;
            var gap = mandatory & ~flags & ~said;
            if (gap != 0) missing.Add(new MissingFlags(release, new CapabilityBits(gap, this).Names));
            said |= gap;
        }
        return missing;
    }

    private static ulong Expanded(ulong flags) => (flags & Mandatory25Digest) != 0 ? flags | Since25 : flags;
}
