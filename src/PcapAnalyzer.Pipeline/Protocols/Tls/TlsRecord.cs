namespace PcapAnalyzer.Pipeline.Protocols.Tls;

/// <summary>Recognises a TLS record by its header (RFC 8446, 5.1).</summary>
public static class TlsRecord
{
    public const int Header = 5;
    internal const byte Major = 3;
    private const byte Alert = 21;
    private const byte Handshake = 22;
    private const int LargestFragment = (1 << 14) + 2048;

    /// <summary>True when the bytes begin a TLS session, or an alert that refuses what came before.</summary>
    public static bool IsAt(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= Header && bytes[0] is Alert or Handshake && bytes[1] == Major && bytes[2] <= 4
        && ((bytes[3] << 8) | bytes[4]) is > 0 and <= LargestFragment;

    /// <summary>True when more bytes may complete the header of a TLS record.</summary>
    internal static bool MayBeAt(ReadOnlySpan<byte> bytes) =>
        bytes.Length < Header && (bytes.Length < 1 || bytes[0] is Alert or Handshake) && (bytes.Length < 2 || bytes[1] == Major);
}
