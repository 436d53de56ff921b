using System.Buffers.Binary;
using System.Text;
using PcapAnalyzer.Testing;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>First words of protocols that are not ours, as their clients and servers say them, different each time.</summary>
internal static class OtherProtocols
{
    /// <summary>Who says what, in order.</summary>
    internal readonly record struct Words(bool IsServer, byte[] Bytes);

    internal static readonly (string Name, Func<Random, Words[]> Talk)[] All =
    [
        ("HTTP/1.1", random => [Client($"GET /{Word(random)}?{Word(random)} HTTP/1.1\r\nHost: {Word(random)}.example\r\n\r\n"),
            Server($"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{Word(random)}")]),
        ("HTTP/2, gRPC", random => [Client([.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Http2(4, 0, Bytes(random, 6 * random.Next(4)))]),
            Server(Http2(4, 0, Bytes(random, 6)))]),
        ("TLS", random => [Client([22, 3, 1, .. Short([1, 0, .. Short([3, 3, .. Bytes(random, 34)])])]),
            Server([22, 3, 3, .. Short([2, 0, .. Short([3, 3, .. Bytes(random, 40)])])])]),
        ("SSH", random => [Server($"SSH-2.0-OpenSSH_9.{random.Next(9)}\r\n"), Client($"SSH-2.0-{Word(random)}\r\n"),
            Client([.. Long([10, 20, .. Bytes(random, 200)])])]),
        ("DNS over TCP", random => Dns(random, random.Next(65536))),
        ("DNS whose id begins like a version 6 name", random => Dns(random, ('N' << 8) | random.Next(256))),
        ("DNS whose id begins like a version 5 name", random => Dns(random, 'n' << 8)),
        ("AMQP 0-9-1", random => [Client([.. "AMQP"u8, 0, 0, 9, 1]),
            Server([1, 0, 0, .. Long([0, 10, 0, 10, 0, 9, .. Bytes(random, 80)]), 0xCE])]),
        ("AMQP 1.0", random => [Client([.. "AMQP"u8, 3, 1, 0, 0]),
            Server([.. "AMQP"u8, 3, 1, 0, 0, .. Long([2, 1, 0, 0, .. Bytes(random, 20)])])]),
        ("MQTT", random => [Client([0x10, (byte)(12 + 10), 0, 4, .. "MQTT"u8, 4, 2, 0, 60, .. Short(Bytes(random, 10))]),
            Server([0x20, 2, 0, 0])]),
        ("PostgreSQL", random => [Client(LongSelf([0, 3, 0, 0, .. "user\0"u8, .. Text(Word(random)), 0, 0])),
            Server([(byte)'R', .. LongSelf([0, 0, 0, 10, .. "SCRAM-SHA-256\0\0"u8])])]),
        ("PostgreSQL, TLS first", random => [Client([0, 0, 0, 8, 4, 210, 22, 47]), Server("N"),
            Client(LongSelf([0, 3, 0, 0, .. "user\0"u8, .. Text(Word(random)), 0, 0]))]),
        ("MySQL", random => [Server([74, 0, 0, 0, 10, .. "8.0.36\0"u8, .. Bytes(random, 66)]),
            Client([32, 0, 0, 1, .. Bytes(random, 32)])]),
        ("Redis", random => [Client($"*2\r\n$3\r\nGET\r\n$3\r\n{Word(random)[..3]}\r\n"), Server($"$3\r\n{Word(random)[..3]}\r\n")]),
        ("Kafka", random => [Client(Long([0, (byte)random.Next(70), 0, (byte)random.Next(14), .. Bytes(random, 4),
            .. Short(Text(Word(random))), .. Bytes(random, random.Next(60))])), Server(Long(Bytes(random, 40)))]),
        ("ZooKeeper", random => [Client(Long([0, 0, 0, 0, .. Bytes(random, 8), 0, 0, 0x75, 0x30, .. Bytes(random, 8), 0, 0, 0, 16,
            .. new byte[16]])), Server(Long(Bytes(random, 36)))]),
        ("SMTP", random => [Server($"220 {Word(random)} ESMTP\r\n"), Client($"EHLO {Word(random)}\r\n"), Server("250 SIZE\r\n")]),
        ("IMAP", random => [Server("* OK ready\r\n"), Client($"a1 LOGIN {Word(random)} {Word(random)}\r\n")]),
        ("FTP", random => [Server("220 ready\r\n"), Client($"USER {Word(random)}\r\n")]),
        ("NATS", random => [Server($"INFO {{\"server_id\":\"{Word(random)}\"}}\r\n"), Client("CONNECT {}\r\nPING\r\n")]),
        ("Memcached", random => [Client($"get {Word(random)}\r\n"), Server("END\r\n")]),
        ("MongoDB", random => [Client(Little([.. Bytes(random, 4), 0, 0, 0, 0, 0xDD, 7, 0, 0, 0, 0, 0, 0, 0, .. Bytes(random, 60)])),
            Server(Little(Bytes(random, 80)))]),
        ("Cassandra", random => [Client([4, 0, 0, (byte)random.Next(256), 1,
            .. Long([0, 1, .. Short("CQL_VERSION"u8.ToArray()), .. Short("3.0.0"u8.ToArray())])]), Server([0x84, 0, 0, 0, 2, 0, 0, 0, 0])]),
        ("LDAP", random => [Client([0x30, 20, 2, 1, (byte)random.Next(1, 127), 0x60, 15, 2, 1, 3, 4, 8, .. Bytes(random, 8), 0x80, 0]),
            Server([0x30, 12, 2, 1, 1, 0x61, 7, 10, 1, 0, 4, 0, 4, 0])]),
        ("BGP", random => [Client([.. Enumerable.Repeat((byte)255, 16), 0, 29, 1, 4, .. Bytes(random, 8), 0]),
            Server([.. Enumerable.Repeat((byte)255, 16), 0, 19, 4])]),
        ("SOCKS5", random => [Client([5, 1, 0]), Server([5, 0]), Client([5, 1, 0, 1, .. Bytes(random, 6)])]),
        ("STOMP", random => [Client($"CONNECT\naccept-version:1.2\nhost:{Word(random)}\n\n\0"), Server("CONNECTED\nversion:1.2\n\n\0")]),
        ("EPMD stop, which looks like a status",
            random => [Client(ErlangBytes.Status(Pick(random, "ok", "true", "alive", "nok", Word(random)))), Server("STOPPED")]),
        ("EPMD names", random => [Client([0, 1, 110]), Server([0, 0, 0x11, 0x11, .. Text($"name {Word(random)} at port 25672\n")])]),
        ("Protobuf behind a u64 length", random => [Client(ProtobufU64(random)), Server(ProtobufU64(random))]),
    ];

    /// <summary>
    /// A message of some other schema behind the length that ractor_cluster uses: its first field is never <c>auth</c>'s shape.
    /// </summary>
    internal static byte[] ProtobufU64(Random random)
    {
        var body = new List<byte>();
        for (var fields = random.Next(1, 5); fields > 0; fields--)
        {
            var number = random.Next(1, 16);
            if (random.Next(2) == 0) body.AddRange([(byte)(number << 3), (byte)random.Next(128)]);
            else body.AddRange([(byte)(number << 3 | 2), 6, .. Text(Word(random)[..6])]);
        }
        return RactorBytes.Frame([.. body]);
    }

    internal static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static Words[] Dns(Random random, int id)
    {
        byte[] Message(byte flags, byte answers, byte[] rest) =>
            Short([(byte)(id >> 8), (byte)id, flags, (byte)(flags == 0x81 ? 0x80 : 0), 0, 1, 0, answers, 0, 0, 0, 0, .. rest]);
        byte[] question = [6, .. Text(Word(random)[..6]), 3, .. "com"u8, 0, 0, 1, 0, 1];
        // Id n.00 and flags 0005 are what a version 5 name begins with.
        var query = Message((byte)random.Next(2), 0, question);
        return [new(false, query),
            new(true, Message(0x81, 1, [.. question, 0xC0, 12, 0, 1, 0, 1, .. Bytes(random, 4), 0, 4, .. Bytes(random, 4)]))];
    }

    private static Words Client(string text) => new(false, Text(text));

    private static Words Client(byte[] bytes) => new(false, bytes);

    private static Words Server(string text) => new(true, Text(text));

    private static Words Server(byte[] bytes) => new(true, bytes);

    private static byte[] Text(string text) => Encoding.ASCII.GetBytes(text);

    private static string Word(Random random) => string.Create(random.Next(6, 14), random, static (letters, random) =>
    {
        foreach (ref var letter in letters) letter = (char)('a' + random.Next(26));
    });

    private static string Pick(Random random, params string[] words) => words[random.Next(words.Length)];

    private static byte[] Http2(byte type, byte flags, byte[] payload) => [0, .. Short(payload)[..2], type, flags, 0, 0, 0, 0, .. payload];

    private static byte[] Short(byte[] bytes) => [(byte)(bytes.Length >> 8), (byte)bytes.Length, .. bytes];

    private static byte[] Long(byte[] bytes) => [.. Big(bytes.Length), .. bytes];

    private static byte[] LongSelf(byte[] bytes) => [.. Big(bytes.Length + 4), .. bytes];

    private static byte[] Little(byte[] bytes) => [.. Big(bytes.Length + 4).Reverse(), .. bytes];

    private static byte[] Big(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
