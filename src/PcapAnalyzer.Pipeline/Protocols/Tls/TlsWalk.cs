namespace PcapAnalyzer.Pipeline.Protocols.Tls;

/// <summary>
/// Reads one direction of a TLS session, record by record: a fatal alert that is not encrypted yet, and the lengths of encrypted records.
/// </summary>
internal struct TlsWalk
{
    private const byte ChangeCipherSpec = 20;
    private const byte AlertRecord = 21;
    private const byte ApplicationData = 23;
    private const byte Fatal = 2;
    private const int AlertLength = 2;

    /// <summary>Bytes of the last record that are still to come.</summary>
    private int _rest;

    /// <summary>Length of the encrypted record that they belong to; 0 in the clear.</summary>
    private int _sealed;

    /// <summary>The alert, by its name in RFC 8446, 6.</summary>
    internal string? Alert { get; private set; }

    /// <summary>What follows is encrypted.</summary>
    internal bool IsSealed { get; private set; }

    /// <summary>The rest cannot be read: bytes are missing, or are no record.</summary>
    internal bool IsOver { get; set; }

    /// <summary>It ends with the end of a record.</summary>
    internal bool IsWhole { get; private set; }

    /// <param name="bytes">What is not read yet.</param>
    /// <param name="low">Which direction it is.</param>
    /// <param name="records">Takes the lengths of the encrypted records that end in them.</param>
    /// <returns>The number of bytes read; fewer than all when a record header is incomplete.</returns>
    internal int Read(ReadOnlySpan<byte> bytes, bool low, List<(bool FromLow, int Length)> records)
    {
        var at = 0;
        while (!IsOver)
        {
            var skip = Math.Min(_rest, bytes.Length - at);
            at += skip;
            _rest -= skip;
            if (_rest == 0 && _sealed > 0)
            {
                records.Add((low, _sealed));
                _sealed = 0;
            }
            var left = bytes[at..];
            IsWhole = _rest == 0 && left.IsEmpty;
            if (left.Length < TlsRecord.Header + AlertLength) return at;
            var (type, length) = (left[0], (left[3] << 8) | left[4]);
            _rest = TlsRecord.Header + length;
            IsSealed |= type is ChangeCipherSpec or ApplicationData;
            if (IsSealed)
            {
                IsOver = type is < ChangeCipherSpec or > ApplicationData || left[1] != TlsRecord.Major || length == 0;
                _sealed = type == ChangeCipherSpec ? 0 : length;
            }
            else if (type == AlertRecord && length == AlertLength && left[TlsRecord.Header] == Fatal)
            {
                Alert = NameOf(left[TlsRecord.Header + 1]);
                IsOver = true;
            }
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
