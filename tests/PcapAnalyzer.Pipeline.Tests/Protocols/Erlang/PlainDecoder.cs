using System.Text;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>
/// A second decoder of the Erlang distribution handshake, from "Distribution Protocol", 13.2, of the Erlang/OTP documentation
/// and from that alone: slow, plain and without a line of the product's. What it cannot read it refuses with null.
/// </summary>
internal static class PlainDecoder
{
    /// <summary>Field names and values as text, in the order of the layout.</summary>
    /// <param name="body">A message behind its length, whole.</param>
    /// <param name="isInitiator">Its sender dialled.</param>
    internal static string? Decode(byte[] body, bool isInitiator)
    {
        var read = new Reader(body);
        try
        {
            return (read.Letter(), isInitiator) switch
            {
                ('n', true) => $"name version={read.U16()} flags={read.U32():x} node={read.RestAsName()}",
                ('N', true) => $"name version=6 flags={read.U64():x} creation={read.U32()} node={read.CountedName()}",
                ('n', false) => $"challenge version={read.U16()} flags={read.U32():x} challenge={read.U32()} node={read.RestAsName()}",
                ('N', false) =>
                    $"challenge version=6 flags={read.U64():x} challenge={read.U32()} creation={read.U32()} node={read.CountedName()}",
                ('s', false) when read.Begins("named:") => $"status status=named assigned={read.CountedName()} creation={read.U32()}",
                ('s', false) => $"status status={read.Rest()}",
                ('s', true) => $"client-status goes={read.TrueOrFalse()}",
                ('c', _) => $"complement flags={(ulong)read.U32() << 32:x} creation={read.U32()}{read.End()}",
                ('r', _) => $"reply challenge={read.U32()} digest={read.Digest()}{read.End()}",
                ('a', _) => $"ack digest={read.Digest()}{read.End()}",
                _ => null,
            };
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private sealed class Reader(byte[] body)
    {
        private int _at;

        private byte[] Take(int count)
        {
            if (count > body.Length - _at) throw new FormatException("too short");
            _at += count;
            return body[(_at - count).._at];
        }

        internal char Letter() => (char)Take(1)[0];

        internal int U16() => (Take(1)[0] * 256) + Take(1)[0];

        internal uint U32() => ((uint)U16() * 65536) + (uint)U16();

        internal ulong U64() => ((ulong)U32() * 4294967296) + U32();

        internal string CountedName() => Name(Take(U16()));

        internal string RestAsName() => Name(Take(body.Length - _at));

        /// <summary>Nodes and strangers may send control characters.</summary>
        internal string Rest() => Take(body.Length - _at) is { Length: > 0 } rest ? Encoding.Latin1.GetString(rest).ToLowerInvariant()
            : throw new FormatException("no text");

        internal string RestAsText() => Take(body.Length - _at) is { Length: > 0 } rest && rest.All(letter => letter is >= 0x20
            and (< 0x7F or >= 0xA0)) ? Encoding.Latin1.GetString(rest).ToLowerInvariant() : throw new FormatException("no text");

        internal bool TrueOrFalse() => RestAsText() switch { "true" => true, "false" => false, _ => throw new FormatException("neither") };

        internal string Digest() => Convert.ToHexString(Take(16));

        internal string End() => _at == body.Length ? "" : throw new FormatException("too long");

        internal bool Begins(string text)
        {
            if (!Encoding.Latin1.GetString(body, _at, body.Length - _at).StartsWith(text, StringComparison.Ordinal)) return false;
            _at += text.Length;
            return true;
        }

        private static string Name(byte[] bytes) => bytes.Length > 0 ? Convert.ToHexString(bytes) : throw new FormatException("no name");
    }
}
