namespace PcapAnalyzer.Pipeline.Protocols;

/// <summary>Programs that are met where a node was expected, by the first bytes that their servers send.</summary>
/// <remarks>
/// AMQP 0-9-1, 4.2.2 (a server that refuses a protocol header sends its own); RFC 9112, 4; RFC 4253, 4.2; RFC 5321, 4.2; RFC 959, 4.2;
/// Redis RESP2 (simple errors); MySQL, "Protocol::HandshakeV10".
/// </remarks>
public static class OtherServices
{
    private const byte MySqlProtocol = 10;
    private const int MySqlVersionAt = 5;
    private const int ShortestMySql = 32;

    private static readonly (byte[] Start, string Name)[] Greetings =
    [
        ("AMQP"u8.ToArray(), "AMQP"), ("HTTP/"u8.ToArray(), "HTTP"), ("SSH-"u8.ToArray(), "SSH"),
        ("-ERR "u8.ToArray(), "Redis"), ("-DENIED "u8.ToArray(), "Redis"), ("-NOAUTH "u8.ToArray(), "Redis"),
        ("220 "u8.ToArray(), "SMTP or FTP"), ("220-"u8.ToArray(), "SMTP or FTP"),
    ];

    /// <summary>What the bytes are, in words for a report; null when they are the beginning of nothing that is known.</summary>
    public static string? NameOf(ReadOnlySpan<byte> start)
    {
        foreach (var (greeting, name) in Greetings)
            if (start.StartsWith(greeting)) return name;
        return start.Length > MySqlVersionAt && IsMySql(start) ? "MySQL" : null;
    }

    /// <summary>True when so few bytes may still become one of them.</summary>
    internal static bool MayBe(ReadOnlySpan<byte> start)
    {
        foreach (var (greeting, _) in Greetings)
            if (start.Length < greeting.Length && greeting.AsSpan().StartsWith(start)) return true;
        return start.Length <= MySqlVersionAt && IsMySql(start);
    }

    /// <summary>A packet length of three bytes, number 0, protocol 10, and a version.</summary>
    private static bool IsMySql(ReadOnlySpan<byte> start) =>
        (start.Length < 1 || start[0] >= ShortestMySql) && (start.Length < 2 || start[1] == 0) && (start.Length < 3 || start[2] == 0)
        && (start.Length < 4 || start[3] == 0) && (start.Length < 5 || start[4] == MySqlProtocol)
        && (start.Length <= MySqlVersionAt || char.IsAsciiDigit((char)start[MySqlVersionAt]));
}
