using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace PcapAnalyzer.Pipeline.Protocols.Epmd;

/// <summary>EPMD's requests, which have a u16 length, and its answers, which have none (Erlang/OTP, "EPMD Protocol").</summary>
public static class EpmdMessage
{
    private const int Header = 2;

    /// <summary>EPMD's port at IANA.</summary>
    public const ushort Port = 4369;

    /// <summary>What the nodes that register speak.</summary>
    public const string NodesSpeak = "erlang";

    private const byte Alive2Request = 120;
    private const byte PortPlease2Request = 122;
    private const byte NamesRequest = 110;
    private const byte DumpRequest = 100;
    private const byte KillRequest = 107;
    private const byte StopRequest = 115;
    private const byte Alive2Response = 121;
    private const byte Alive2XResponse = 118;
    private const byte Port2Response = 119;

    private const int ShortestAlive2 = 13;
    private const int LongestName = 255;
    private const int PortAnswer = 12;

    /// <summary>True when the bytes begin a request; it takes the length and the code to tell.</summary>
    internal static bool MayBeRequest(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= Header) return false;
        int length = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        return bytes[Header] switch
        {
            Alive2Request => length is >= ShortestAlive2 and < 1024,
            PortPlease2Request or StopRequest => length is > 1 and <= LongestName + 1,
            NamesRequest or DumpRequest or KillRequest => length == 1,
            _ => false,
        };
    }

    /// <summary>Reads a whole request, with neither endpoints nor times.</summary>
    internal static bool TryReadRequest(ReadOnlySpan<byte> bytes,
        out (EpmdRequest Kind, string? Name, ushort? Port, (int, int)? Versions) request)
    {
        request = default;
        if (!MayBeRequest(bytes)) return false;
        int length = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        if (bytes.Length < Header + length) return false;
        var body = bytes.Slice(Header, length);
        switch (body[0])
        {
            case Alive2Request:
                var count = BinaryPrimitives.ReadUInt16BigEndian(body[9..]);
                if (11 + count + 2 > length || count == 0) return false;
                request = (EpmdRequest.Register, Text(body.Slice(11, count)), BinaryPrimitives.ReadUInt16BigEndian(body[1..]),
                    Versions(body[5..]));
                return request.Name != null;
            case PortPlease2Request:
                request = (EpmdRequest.Lookup, Text(body[1..]), null, null);
                return request.Name != null;
            case NamesRequest:
                request = (EpmdRequest.Names, null, null, null);
                return true;
            default:
                request = (EpmdRequest.Other, body.Length > 1 ? Text(body[1..]) : null, null, null);
                return body.Length == 1 || request.Name != null;
        }
    }

    /// <summary>Reads the answer to a request. <paramref name="isAll"/>: no more of it will come.</summary>
    /// <returns>False when more is needed, or the bytes are no answer.</returns>
    internal static bool TryReadAnswer(EpmdRequest request, ReadOnlySpan<byte> bytes, bool isAll, out EpmdAnswer answer)
    {
        answer = default;
        switch (request)
        {
            case EpmdRequest.Register:
                if (bytes.Length < 2 || bytes[0] is not (Alive2Response or Alive2XResponse)) return false;
                answer = new EpmdAnswer(IsSuccess: bytes[1] == 0);
                return true;
            case EpmdRequest.Lookup:
                if (bytes.Length < 2 || bytes[0] != Port2Response) return false;
                var isFound = bytes[1] == 0;
                if (isFound && bytes.Length < PortAnswer && !isAll) return false;
                answer = isFound && bytes.Length >= 10
                    ? new EpmdAnswer(true, BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]), Versions(bytes[6..]))
                        : new EpmdAnswer(isFound);
                return true;
            case EpmdRequest.Names:
                if (!isAll || bytes.Length < 4) return false;
                answer = new EpmdAnswer(true, Names: NamesIn(Encoding.UTF8.GetString(bytes[4..])));
                return true;
            default:
                return bytes.Length > 0;
        }
    }

    private static (int, int) Versions(ReadOnlySpan<byte> bytes) =>
        (BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]), BinaryPrimitives.ReadUInt16BigEndian(bytes));

    /// <summary>Lines like <c>name rabbit at port 25672</c>.</summary>
    private static List<(string, ushort)> NamesIn(string text)
    {
        var names = new List<(string, ushort)>();
        foreach (var line in text.Split('\n'))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is ["name", var name, "at", "port", var port] && ushort.TryParse(port, CultureInfo.InvariantCulture, out var number))
                names.Add((name, number));
        }
        return names;
    }

    private static string? Text(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        return text.Any(char.IsControl) || text.Contains('@', StringComparison.Ordinal) ? null : text;
    }
}

public enum EpmdRequest
{
    /// <summary>ALIVE2_REQ: a node tells its name and port.</summary>
    Register,

    /// <summary>PORT_PLEASE2_REQ: somebody asks for the port of a name.</summary>
    Lookup,

    /// <summary>NAMES_REQ: somebody asks for all names.</summary>
    Names,

    /// <summary>DUMP, KILL or STOP.</summary>
    Other,
}

/// <summary>What EPMD answered; null where the answer does not tell it.</summary>
internal readonly record struct EpmdAnswer(
    bool? IsSuccess, ushort? Port = null, (int Lowest, int Highest)? Versions = null,
        IReadOnlyList<(string Name, ushort Port)>? Names = null);
