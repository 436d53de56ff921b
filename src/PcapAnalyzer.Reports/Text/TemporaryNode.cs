using System.Text.RegularExpressions;

namespace PcapAnalyzer.Reports;

/// <summary>Nodes that live for one call, under a name that is made for it: what they are, and what makes two of them alike.</summary>
internal static partial class TemporaryNode
{
    /// <returns>What a node of that name is, by its name alone; null for a name that somebody chose.</returns>
    internal static string? Of(string name) => CommandLineTool().IsMatch(name) ? "a temporary node of RabbitMQ's command-line tools"
        : Prelaunch().IsMatch(name) ? "a temporary node of a broker that starts"
        : Peer().IsMatch(name) ? "a temporary node, as peer discovery starts one"
        : null;

    /// <summary>The name, or what all temporary nodes of one kind and host have in common.</summary>
    internal static string Alike(string name) => Of(name) is { } kind ? $"{kind} {name[name.LastIndexOf('@')..]}" : name;

    /// <summary>A number, then the name of the node that is called.</summary>
    [GeneratedRegex(@"\Arabbitmqcli-[0-9]+-[^@]+@[^@]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex CommandLineTool();

    /// <summary>The operating system's number of the broker's process.</summary>
    [GeneratedRegex(@"\A[^@]+_prelaunch_[0-9]+@[^@]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Prelaunch();

    /// <summary>OTP's <c>peer:random_name</c>: a number that is used once, then that of the process.</summary>
    [GeneratedRegex(@"\A[^@]+-[0-9]+-[0-9]+@[^@]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Peer();
}
