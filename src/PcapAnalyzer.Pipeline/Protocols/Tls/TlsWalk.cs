namespace PcapAnalyzer.Pipeline.Protocols.Tls;

/// <summary>Reads one direction of a TLS session, record by record, for a fatal alert that is not encrypted yet.</summary>
internal struct TlsWalk
{
    private const byte ChangeCipherSpec = 20;
    private const byte AlertRecord = 21;
    private const byte ApplicationData = 23;
    private const byte Fatal = 2;
    private const int AlertLength = 2;

    /// <summary>Bytes of the last record that are still to come.</summary>
    private int _rest;

    /// <summary>The alert, by its name in RFC 8446, 6.</summary>
    internal string? Alert { get; private set; }

    /// <summary>The rest cannot be read: it is encrypted, or bytes are missing.</summary>
    internal bool IsOver { get; set; }

    /// <returns>The number of bytes read; fewer than all when a record header is incomplete.</returns>
    internal int Read(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (!IsOver)
        {
            var skip = Math.Min(_rest, bytes.Length - at);
            at += skip;
            _rest -= skip;
            var left = bytes[at..];
            if (left.Length < TlsRecord.Header + AlertLength) return at;
            var length = (left[3] << 8) | left[4];
            _rest = TlsRecord.Header + length;
            IsOver = left[0] is ChangeCipherSpec or ApplicationData;
            if (left[0] != AlertRecord || length != AlertLength || left[TlsRecord.Header] != Fatal) continue;
            Alert = NameOf(left[TlsRecord.Header + 1]);
            IsOver = true;
        }
        return bytes.Length;
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
}
