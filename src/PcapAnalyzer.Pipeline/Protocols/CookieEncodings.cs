using System.Text;

namespace PcapAnalyzer.Pipeline.Protocols;

/// <summary>How protocols turn a cookie's text into bytes. Both throw on what they have no bytes for.</summary>
public static class CookieEncodings
{
    public static Encoding Utf8 { get; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static Encoding Latin1 { get; } = Encoding.GetEncoding("iso-8859-1", EncoderFallback.ExceptionFallback,
        DecoderFallback.ExceptionFallback);
}
