using System.Text;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Pipeline.Protocols.Hashes;

namespace PcapAnalyzer.Judging.Cookies;

/// <summary>A secret with a label. It never prints itself; reports carry the label only.</summary>
public sealed class Cookie
{
    private readonly byte[]? _bytes;
    private readonly string? _text;
    private Encoded? _last;

    private sealed record Encoded(Encoding Encoding, byte[] Bytes);

    private Cookie(string label, byte[]? bytes, string? text)
    {
        Label = label;
        _bytes = bytes;
        _text = text;
    }

    public string Label { get; }

    /// <summary>A cookie whose bytes depend on how a protocol encodes text.</summary>
    public static Cookie FromText(string label, string text) => new(label, null, text);

    /// <summary>A cookie given as bytes.</summary>
    public static Cookie FromBytes(string label, ReadOnlySpan<byte> bytes) => new(label, bytes.ToArray(), null);

    /// <summary>A cookie from the content of a cookie file, read as Erlang reads it: up to the first CR or LF.</summary>
    public static Cookie FromFile(string label, ReadOnlySpan<byte> content)
    {
        var end = content.IndexOfAny((byte)'\r', (byte)'\n');
        return FromBytes(label, end < 0 ? content : content[..end]);
    }

    /// <returns>The cookie's bytes; null when the encoding has none for it.</returns>
    public byte[]? Encode(Encoding encoding)
    {
        if (_bytes != null) return _bytes;
        try
        {
            var last = _last; // one reference: several threads may call this
            if (last?.Encoding != encoding) _last = last = new Encoded(encoding, encoding.GetBytes(_text!));
            return last.Bytes;
        }
        catch (EncoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>RabbitMQ's "cookie hash". It tells whether two cookies are equal; it cannot check a proof.</summary>
    public string RabbitHash()
    {
        Span<byte> digest = stackalloc byte[Md5.DigestLength];
        Md5.Hash(Encode(CookieEncodings.Latin1) ?? Encode(CookieEncodings.Utf8), digest);
        return Convert.ToBase64String(digest);
    }

    public override string ToString() => Label;
}
