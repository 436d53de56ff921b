namespace PcapAnalyzer.Judging;

/// <summary>What to do about a fatal TLS alert, by its name in RFC 8446, 6.2: only some are about certificates.</summary>
internal static class TlsAlerts
{
    /// <param name="objector">Who sent it.</param>
    /// <param name="other">Whom it objects to.</param>
    internal static string Remedy(string alert, string objector, string other) => alert switch
    {
        "certificate_expired" =>
            $"Renew the certificate of {other}, or set the clock of {objector}: by that clock the certificate is out of date.",
        "unknown_ca" => $"Give {objector} the certificate of the authority that signed the certificate of {other}, "
            + $"or let one that {objector} knows sign it.",
        "certificate_required" => $"Give {other} a certificate: {objector} demands one and got none.",
        "certificate_revoked" => $"Replace the certificate of {other}: its authority revoked it.",
        "bad_certificate" or "unsupported_certificate" or "certificate_unknown" =>
            $"Check the certificate of {other}: its host name, chain and purpose. {objector} refuses it.",
        "access_denied" => $"Look at what {objector} allows: it took the certificate of {other} for valid, and refuses its owner.",
        "decrypt_error" => $"Check that the private key of {other} belongs to its certificate: {objector} could not verify a signature.",
        "protocol_version" => "Compare the TLS versions that the two nodes allow: they have none in common.",
        "handshake_failure" or "insufficient_security" =>
            "Compare the ciphers, curves and TLS versions that the two nodes allow, "
                + "and whether one demands a certificate that the other does not give.",
        "unrecognized_name" => $"Compare the host name that {other} dialled with the names that {objector} serves.",
        "unexpected_message" =>
            $"Find out what speaks TLS on either side: {objector} got a message that it did not expect at that point. "
                + "A proxy, another program or TLS options that do not fit do that, a certificate does not.",
        _ => $"Read the log of {objector} at that time: this alert is not about certificates.",
    };
}
