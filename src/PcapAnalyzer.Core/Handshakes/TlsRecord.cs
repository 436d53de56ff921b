namespace PcapAnalyzer.Core.Handshakes;

/// <summary>Tells a TLS record by its header (RFC 8446, 5.1).</summary>
internal static class TlsRecord
{
    internal const int Header = 5;
    private const byte Alert = 21;
    private const byte Fatal = 2;
    private const byte Handshake = 22;
    private const int LargestFragment = (1 << 14) + 2048;

    /// <summary>True when a direction that begins so is a TLS session, or refuses what it got with a TLS alert.</summary>
    internal static bool IsAt(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= Header && bytes[0] is Alert or Handshake && bytes[1] == 3 && bytes[2] <= 4
        && ((bytes[3] << 8) | bytes[4]) is > 0 and <= LargestFragment;

    /// <summary>Walks whole records for an alert that is not encrypted.</summary>
    /// <param name="bytes">What stands at the place where a record, or the rest of one, begins.</param>
    /// <param name="rest">Bytes of the last record that are still to come.</param>
    /// <param name="alert">The fatal alert, by its name in RFC 8446, 6.</param>
    /// <returns>Bytes walked over; fewer than there are when a header is not whole.</returns>
    internal static int Walk(ReadOnlySpan<byte> bytes, ref int rest, ref string? alert)
    {
        var at = 0;
        while (true)
        {
            var skip = Math.Min(rest, bytes.Length - at);
            at += skip;
            rest -= skip;
            var left = bytes[at..];
            if (left.Length < Header + 2) return at;
            rest = Header + ((left[3] << 8) | left[4]);
            if (left[0] == Alert && rest == Header + 2 && left[Header] == Fatal) alert ??= NameOf(left[Header + 1]);
        }
    }

    private static string NameOf(byte alert) => alert switch
    {
        10 => "unexpected_message",
        20 => "bad_record_mac",
        40 => "handshake_failure",
        42 => "bad_certificate",
        43 => "unsupported_certificate",
        44 => "certificate_revoked",
        45 => "certificate_expired",
        46 => "certificate_unknown",
        47 => "illegal_parameter",
        48 => "unknown_ca",
        49 => "access_denied",
        50 => "decode_error",
        51 => "decrypt_error",
        70 => "protocol_version",
        71 => "insufficient_security",
        80 => "internal_error",
        86 => "inappropriate_fallback",
        109 => "missing_extension",
        112 => "unrecognized_name",
        116 => "certificate_required",
        120 => "no_application_protocol",
        _ => $"alert_{alert}",
    };

    /// <summary>True when more bytes may make it one.</summary>
    internal static bool MayBeAt(ReadOnlySpan<byte> bytes) =>
        bytes.Length < Header && (bytes.Length < 1 || bytes[0] is Alert or Handshake) && (bytes.Length < 2 || bytes[1] == 3);
}
