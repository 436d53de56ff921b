using System.Globalization;
using System.Net;

namespace PcapAnalyzer.Judging;

/// <summary>Neutral names for a redacted report: a name has the same pseudonym everywhere. One thread at a time.</summary>
public sealed class Pseudonyms
{
    private const char At = '@';

    private readonly Dictionary<string, int> _nodes = [];
    private readonly Dictionary<string, int> _hosts = [];
    private readonly Dictionary<uint, int> _challenges = [];

    /// <summary><c>rabbit@web1</c> → <c>node-1@host-1</c>, <c>rabbit</c> → <c>node-1</c>. IP addresses stay: packets show them.</summary>
    public string Of(string name) => string.Join(At, name.Split(At).Select((part, index) => index == 0 ? Node(part) : Host(part)));

    /// <summary><c>web1:4400</c> → <c>host-1:4400</c>.</summary>
    public string OfAddress(string address) => PortAt(address) is var port && port < 0 ? Host(address)
        : $"{Host(address[..port])}{address[port..]}";

    /// <summary>Overwrites a name in a packet by a pseudonym of its length: <c>node-01@host-001</c>. Very short ones may meet.</summary>
    /// <param name="name">The name as decoded.</param>
    /// <param name="bytes">The name as sent.</param>
    public void Overwrite(string name, Span<byte> bytes)
    {
        var parts = name.Split(At);
        for (var index = 0; index < parts.Length; index++)
        {
            var length = bytes.IndexOf((byte)At) is >= 0 and var at ? at : bytes.Length;
            Fill(index == 0 ? Node(parts[index]) : Host(parts[index]), parts[index], bytes[..length]);
            bytes = bytes[Math.Min(length + 1, bytes.Length)..];
        }
    }

    /// <inheritdoc cref="Overwrite"/>
    public void OverwriteAddress(string address, Span<byte> bytes)
    {
        var port = PortAt(address);
        var host = port < 0 ? address : address[..port];
        Fill(Host(host), host, port < 0 ? bytes : bytes[..^(address.Length - port)]);
    }

    /// <summary>A neutral number for a challenge: two legs of a proxy still show that they are one handshake.</summary>
    public uint OfChallenge(uint challenge) => (uint)Number(_challenges, challenge);

    private string Node(string part) => part.Length == 0 ? part : $"node-{Number(_nodes, part)}";

    private string Host(string part) => part.Length == 0 || IsAddress(part) ? part : $"host-{Number(_hosts, part)}";

    private static int Number<T>(Dictionary<T, int> numbers, T key)
        where T : notnull
    {
        if (!numbers.TryGetValue(key, out var number)) numbers[key] = number = numbers.Count + 1;
        return number;
    }

    /// <summary>True for the usual form of an address. Other texts that <see cref="IPAddress"/> accepts may be names.</summary>
    private static bool IsAddress(string host) => !host.Contains('%') && IPAddress.TryParse(host, out var address)
        && address.ToString() == host.Trim('[', ']');

    /// <summary>Where <c>:port</c> begins; -1 where there is none.</summary>
    private static int PortAt(string address) => address.LastIndexOf(':') is >= 0 and var at
        && ushort.TryParse(address.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _) ? at : -1;

    private static void Fill(string pseudonym, string part, Span<byte> bytes)
    {
        if (pseudonym == part || bytes.IsEmpty) return;
        var dash = pseudonym.IndexOf('-') + 1;
        var digits = pseudonym.AsSpan(dash);
        bytes.Fill((byte)'0');
        for (var index = 0; index < Math.Min(dash, bytes.Length - digits.Length); index++) bytes[index] = (byte)pseudonym[index];
        for (var index = 1; index <= Math.Min(digits.Length, bytes.Length); index++) bytes[^index] = (byte)digits[^index];
    }
}
