using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PcapAnalyzer.Testing;

/// <summary>Builds messages of the Erlang distribution handshake and of EPMD as wire bytes.</summary>
public static class ErlangBytes
{
    /// <summary>The flags of an OTP 25 node.</summary>
    public const ulong Flags = 0xD07DF7FBD;

    /// <summary>A fatal alert: unexpected_message.</summary>
    public static byte[] TlsAlert => [0x15, 3, 3, 0, 2, 2, 10];

    /// <summary>The first bytes of a ClientHello.</summary>
    public static byte[] TlsHello => [0x16, 3, 1, 0, 10, 1, 0, 0, 6, 3, 3, 1, 2, 3, 4];

    public static byte[] Name(string node, ulong flags = Flags, uint creation = 1) =>
        Frame([(byte)'N', .. U64(flags), .. U32(creation), .. U16(Encoding.Latin1.GetByteCount(node)), .. Encoding.Latin1.GetBytes(node)]);

    public static byte[] Name5(string node, uint flags = 0x7F7FBD) =>
        Frame([(byte)'n', 0, 5, .. U32(flags), .. Encoding.Latin1.GetBytes(node)]);

    public static byte[] Status(string text = "ok") => Frame([(byte)'s', .. Encoding.Latin1.GetBytes(text)]);

    public static byte[] Named(string node, uint creation) =>
        Frame([(byte)'s', .. "named:"u8, .. U16(Encoding.UTF8.GetByteCount(node)), .. Encoding.UTF8.GetBytes(node), .. U32(creation)]);

    public static byte[] Challenge(string node, uint challenge, ulong flags = Flags, uint creation = 2) =>
        Frame([(byte)'N', .. U64(flags), .. U32(challenge), .. U32(creation), .. U16(Encoding.Latin1.GetByteCount(node)),
            .. Encoding.Latin1.GetBytes(node)]);

    public static byte[] Challenge5(string node, uint challenge, uint flags = 0x7F7FBD) =>
        Frame([(byte)'n', 0, 5, .. U32(flags), .. U32(challenge), .. Encoding.Latin1.GetBytes(node)]);

    public static byte[] Complement(uint flagsHigh = 0xD, uint creation = 1) => Frame([(byte)'c', .. U32(flagsHigh), .. U32(creation)]);

    public static byte[] Reply(uint own, uint answered, string cookie) => Frame([(byte)'r', .. U32(own), .. Digest(answered, cookie)]);

    public static byte[] Ack(uint answered, string cookie) => Frame([(byte)'a', .. Digest(answered, cookie)]);

    public static byte[] Digest(uint challenge, string cookie) =>
        MD5.HashData([.. Encoding.Latin1.GetBytes(cookie), .. Encoding.ASCII.GetBytes(challenge.ToString(CultureInfo.InvariantCulture))]);

    public static byte[] Lookup(string name) => Frame([122, .. Encoding.UTF8.GetBytes(name)]);

    public static byte[] Found(string name, ushort port) =>
        [119, 0, .. U16(port), 77, 0, 0, 6, 0, 5, .. U16(name.Length), .. Encoding.UTF8.GetBytes(name), 0, 0];

    public static byte[] NotFound => [119, 1];

    /// <summary>A body with a u16 length prefix.</summary>
    public static byte[] Frame(byte[] body) => [.. U16(body.Length), .. body];

    private static byte[] U16(int value) => [(byte)(value >> 8), (byte)value];

    private static byte[] U32(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] U64(ulong value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return bytes;
    }
}
