using System.Globalization;
using System.Net;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Reports.Filter;

/// <summary>An address prefix, with an optional port: <c>10.0.4.0/24</c>, <c>::1</c> or <c>10.0.4.7:4369</c>.</summary>
/// <param name="Network">The address and the port.</param>
/// <param name="Bits">The prefix length out of 128 bits; an IPv4 prefix counts 96 bits more than its own length.</param>
/// <param name="HasPort">Whether the port must match too.</param>
internal readonly record struct AddressPrefix(Endpoint Network, int Bits, bool HasPort)
{
    private const int AddressBits = 128;

    private bool IsIpv4 => Bits >= 96 && IsMapped(Network);

    private static bool IsMapped(Endpoint endpoint) => endpoint.High == 0 && endpoint.Low >> 32 == Endpoint.MappedPrefix >> 32;

    internal static bool TryParse(ReadOnlySpan<char> text, out AddressPrefix prefix)
    {
        prefix = default;
        var slash = text.IndexOf('/');
        if (!TryParseEndpoint(slash < 0 ? text : text[..slash], out var endpoint, out var hasPort)) return false;
        prefix = new AddressPrefix(endpoint, AddressBits, hasPort);
        if (slash < 0) return true;
        var before = prefix.IsIpv4 ? 96 : 0;
        if (hasPort || !byte.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var bits)
            || before + bits > AddressBits) return false;
        prefix = prefix with { Bits = before + bits };
        return true;
    }

    internal bool Contains(Endpoint other)
    {
        if (IsIpv4 != IsMapped(other)) return false;
        if (HasPort && Network.Port != other.Port) return false;
        var (high, low) = (Network.High ^ other.High, Network.Low ^ other.Low);
        return Bits <= 64 ? Bits == 0 || high >> (64 - Bits) == 0 : high == 0 && low >> (AddressBits - Bits) == 0;
    }

    private static bool TryParseEndpoint(ReadOnlySpan<char> text, out Endpoint endpoint, out bool hasPort)
    {
        endpoint = default;
        ushort port = 0;
        hasPort = text is ['[', .., not ']'] || text.Count(':') == 1;
        var colon = text.LastIndexOf(':');
        if (hasPort && !ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port)) return false;
        var host = hasPort ? text[..colon] : text;
        host = host is ['[', .., ']'] ? host[1..^1] : host;
        if (TryParseIpv4(host, out var address)) endpoint = Endpoint.FromIpv4(address, port);
        else if (host.Contains(':') && !host.Contains('%') && !host.Contains('[') && IPAddress.TryParse(host, out var parsed))
            endpoint = Endpoint.From(parsed, port);
        else return false;
        return true;
    }

    /// <summary>Requires all four numbers; .NET would read <c>10.0.4</c> as 10.0.0.4.</summary>
    private static bool TryParseIpv4(ReadOnlySpan<char> text, out uint address)
    {
        address = 0;
        var (dots, digits, number) = (0, 0, 0u);
        foreach (var letter in text)
        {
            if (letter == '.')
            {
                if (digits == 0 || ++dots > 3) return false;
                address = address << 8 | number;
                (digits, number) = (0, 0);
            }
            else if (letter is < '0' or > '9' || ++digits > 3 || (number = number * 10 + letter - '0') > 255) return false;
        }
        address = address << 8 | number;
        return dots == 3 && digits > 0;
    }
}
