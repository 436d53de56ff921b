using System.Globalization;
using System.Net.NetworkInformation;
using PcapAnalyzer.Pipeline.Packets;
using SharpPcap;
using SharpPcap.LibPcap;

namespace PcapAnalyzer.Capture;

/// <summary>The interfaces of this machine that can be captured.</summary>
public static class NetworkInterfaces
{
    private const string Any = "any";

    // pcap_if.flags
    private const uint Loopback = 1;
    private const uint Up = 2;
    private const uint Running = 4;

    /// <summary>Lists the interfaces. Opens each one briefly, to check whether this process may capture it.</summary>
    /// <exception cref="CaptureException">libpcap is missing or cannot list the interfaces.</exception>
    public static IReadOnlyList<NetworkInterfaceReport> List() => [.. Found().Where(IsUseful).Select(Describe)];

    internal static IReadOnlyList<PcapInterface> Found()
    {
        try
        {
            return PcapInterface.GetAllPcapInterfaces();
        }
        catch (PcapException problem)
        {
            throw new CaptureException($"libpcap cannot list the interfaces: {problem.Message}");
        }
        catch (Exception problem) when (Libpcap.IsMissing(problem))
        {
            throw Libpcap.Missing("live capture");
        }
    }

    /// <summary>libpcap also lists USB, D-Bus, Bluetooth and the like, which carry no TCP.</summary>
    internal static bool IsUseful(PcapInterface one) => one.FriendlyName != null || one.Name == Any;

    /// <summary>The problem of an open interface that is down, gone or renamed. Linux only: elsewhere libpcap reports it.</summary>
    internal static SourceProblem? Outage(string name)
    {
        if (name == Any || !OperatingSystem.IsLinux()) return null;
        try
        {
            var flags = uint.Parse(File.ReadAllText($"/sys/class/net/{name}/flags").AsSpan().Trim()[2..], NumberStyles.HexNumber,
                CultureInfo.InvariantCulture);
            return (flags & 1) != 0 ? null : new SourceProblem("interface-down", $"{name}: is down; its packets are captured again when "
                + "it is up", null);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return new SourceProblem("interface-renamed", $"{name}: is gone or has another name now; its packets are captured as long as "
                + "they come", null);
        }
    }

    private static NetworkInterfaceReport Describe(PcapInterface one)
    {
        var report = new NetworkInterfaceReport
        {
            Name = one.Name,
            Description = string.IsNullOrEmpty(one.Description) ? null : one.Description,
            HardwareAddress = one.MacAddress is { } mac && mac.GetAddressBytes().Any(part => part != 0) ? Colons(mac) : null,
            Addresses = [.. one.Addresses.Select(address => address.Addr?.ipAddress?.ToString()).OfType<string>()],
            IsUp = (one.Flags & Up) != 0,
            IsRunning = (one.Flags & Running) != 0,
            IsLoopback = (one.Flags & Loopback) != 0,
        };
        try
        {
            using var device = LiveDevice.Open(0, one, new LiveOptions { IsPromiscuous = false, BufferSize = 1 });
            return report with { LinkType = LinkLayers.NameOf(device.State.Link) };
        }
        catch (CaptureException problem)
        {
            return report with { Problem = problem.Message, MissingRight = problem.MissingRight };
        }
    }

    private static string Colons(PhysicalAddress address) =>
        string.Join(':', address.GetAddressBytes().Select(part => part.ToString("x2", CultureInfo.InvariantCulture)));
}

/// <summary>An interface as <c>pcap-analyzer interfaces</c> lists it.</summary>
public sealed record NetworkInterfaceReport
{
    public required string Name { get; init; }

    public string? Description { get; init; }

    public string? HardwareAddress { get; init; }

    public required IReadOnlyList<string> Addresses { get; init; }

    public required bool IsUp { get; init; }

    /// <summary>The interface has a carrier: a cable, an access point or a peer.</summary>
    public required bool IsRunning { get; init; }

    public required bool IsLoopback { get; init; }

    /// <summary>Link-layer type of its packets; null when the interface could not be opened.</summary>
    public string? LinkType { get; init; }

    /// <summary>The right that this process lacks to capture it, or null.</summary>
    public string? MissingRight { get; init; }

    /// <summary>Why it cannot be captured, in one line, or null.</summary>
    public string? Problem { get; init; }
}
