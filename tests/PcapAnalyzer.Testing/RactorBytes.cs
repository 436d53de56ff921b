using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using PcapAnalyzer.Pipeline.Protocols.Ractor.Wire;

namespace PcapAnalyzer.Testing;

/// <summary>Builds messages of ractor_cluster as wire bytes, using the generated protobuf types.</summary>
public static class RactorBytes
{
    public static byte[] Name(string node, string connectionString = "localhost:4400", ulong connectionId = 7) =>
        Auth(new AuthenticationMessage
        {
            Name = new NameMessage
            {
                Name = node,
                Flags = new NodeFlags { Version = 1 },
                ConnectionString = connectionString,
                ConnectionId = connectionId
            },
        });

    /// <param name="status">0 OK, 1 OK_SIMULTANEOUS, 2 NOT_OK, 3 NOT_ALLOWED, 4 ALIVE.</param>
    public static byte[] Status(int status = 0) =>
        Auth(new AuthenticationMessage { ServerStatus = new ServerStatus { Status = (ServerStatus.Types.Status)status } });

    public static byte[] ClientStatus(bool goesOn) =>
        Auth(new AuthenticationMessage { ClientStatus = new ClientStatus { Status = goesOn } });

    public static byte[] Challenge(string node, uint challenge, string connectionString = "localhost:4500") =>
        Auth(new AuthenticationMessage
        {
            ServerChallenge = new Challenge
            {
                Name = node,
                Flags = new NodeFlags { Version = 1 },
                Challenge_ = challenge,
                ConnectionString = connectionString
            },
        });

    /// <summary>The initiator's own challenge, and its proof for the acceptor's challenge.</summary>
    public static byte[] Reply(uint own, uint answered, string cookie) => Reply(own, Digest(answered, cookie));

    public static byte[] Reply(uint own, byte[] digest) =>
        Auth(new AuthenticationMessage { ClientChallenge = new ChallengeReply { Challenge = own, Digest = ByteString.CopyFrom(digest) } });

    public static byte[] Ack(uint answered, string cookie) =>
        Auth(new AuthenticationMessage { ServerAck = new ChallengeAck { Digest = ByteString.CopyFrom(Digest(answered, cookie)) } });

    /// <summary>The first message after a handshake.</summary>
    public static byte[] Ready() => Frame(new NetworkMessage { Control = new ControlMessage { Ready = new Ready() } }.ToByteArray());

    public static byte[] Digest(uint challenge, string cookie)
    {
        var number = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(number, challenge);
        return SHA256.HashData([.. number, .. Encoding.UTF8.GetBytes(cookie)]);
    }

    /// <summary>A body with a u64 length prefix.</summary>
    public static byte[] Frame(ReadOnlySpan<byte> body)
    {
        var frame = new byte[8 + body.Length];
        BinaryPrimitives.WriteUInt64BigEndian(frame, (ulong)body.Length);
        body.CopyTo(frame.AsSpan(8));
        return frame;
    }

    /// <summary>A current frame in the format of releases up to 0.14.5: a varint length prefix.</summary>
    public static byte[] AsOld(byte[] frame)
    {
        using var body = new MemoryStream();
        using (var coded = new CodedOutputStream(body, leaveOpen: true)) coded.WriteLength(frame.Length - 8);
        body.Write(frame.AsSpan(8));
        return Frame(body.ToArray());
    }

    /// <summary>A current frame as an old 32-bit peer writes it: a 4-byte length prefix.</summary>
    public static byte[] As32Bit(byte[] frame) => frame[4..];

    private static byte[] Auth(AuthenticationMessage message) => Frame(new NetworkMessage { Auth = message }.ToByteArray());
}
