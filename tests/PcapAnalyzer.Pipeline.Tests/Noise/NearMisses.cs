using System.Buffers.Binary;
using PcapAnalyzer.Testing;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>First bytes of a dialler that have the look of a handshake and one thing wrong, or no look at all.</summary>
internal static class NearMisses
{
    internal static byte[] Next(Random random)
    {
        byte[] bytes;
        switch (random.Next(10))
        {
            case 0: // nothing right
                return OtherProtocols.Bytes(random, random.Next(1, 64));
            case 1: // the length and the tag, and noise
                bytes = OtherProtocols.Bytes(random, random.Next(20, 64));
                BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(bytes.Length - 2));
                bytes[2] = (byte)'N';
                bytes[3 + random.Next(3)] |= 1; // one of the flags that no release has
                return bytes;
            case 2: // the same of version 5: another version
                bytes = ErlangBytes.Name5("node@host" + random.Next(1000), (uint)random.Next());
                bytes[4] ^= (byte)random.Next(1, 256);
                return bytes;
            case 3: // a name that is longer than the message
                bytes = ErlangBytes.Name("node@host" + random.Next(1000));
                BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(15), (ushort)random.Next(bytes.Length - 16, 65536));
                return bytes;
            case 4: // a control character in a name of version 5; in one of version 6 all the rest tells that it is a name
                bytes = ErlangBytes.Name5("node@host" + random.Next(1000));
                bytes[9 + random.Next(bytes.Length - 9)] = (byte)random.Next(32);
                return bytes;
            case 5: // a message of a later step
                return random.Next(4) switch
                {
                    0 => ErlangBytes.Reply((uint)random.Next(), (uint)random.Next(), "x"),
                    1 => ErlangBytes.Ack((uint)random.Next(), "x"),
                    2 => ErlangBytes.Status(),
                    _ => ErlangBytes.Complement(),
                };
            case 6: // an empty name
                return ErlangBytes.Name("");
            case 7: // another tag
                bytes = ErlangBytes.Name("node@host" + random.Next(1000));
                bytes[2] = (byte)random.Next(33, 'N');
                return bytes;
            case 8: // another schema behind ractor's length
                return OtherProtocols.ProtobufU64(random);
            default: // ractor's name with a length that is off by a little
                bytes = RactorBytes.Name("node@host" + random.Next(1000));
                bytes[7] -= (byte)random.Next(1, 5);
                return bytes;
        }
    }
}
