using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Testing;

/// <summary>What a redacted report must not contain. Taken from the plain report, so that the check cannot be empty unnoticed.</summary>
/// <param name="Names">Node names of at least 5 characters, and parts of them.</param>
/// <param name="Challenges">Decimal and hexadecimal.</param>
/// <param name="Digests">Hexadecimal.</param>
public sealed partial record Secrets(IReadOnlySet<string> Names, IReadOnlySet<string> Challenges, IReadOnlySet<string> Digests)
{
    private const int Shortest = 5;

    public static Secrets Of(CaptureReport report)
    {
        var (names, challenges, digests) = (new HashSet<string>(), new HashSet<string>(), new HashSet<string>());
        var json = JsonNode.Parse(Analysis.Json(report))!;
        foreach (var node in json["nodes"]!.AsArray()) names.Add((string)node!["name"]!);
        foreach (var finding in json["findings"]!.AsArray()) Add(names, finding!["node"]);
        foreach (var handshake in json["handshakes"]!.AsArray())
        {
            foreach (var peer in new[] { handshake!["initiator"]!, handshake["acceptor"]! })
            {
                Add(names, peer["node"]);
                if (peer["connectionString"] is { } address) names.Add(Port().Replace((string)address!, ""));
            }
            Add(names, handshake["lookup"]?["name"]);
            foreach (var digest in handshake["digests"]!.AsArray())
            {
                if (digest!["challenge"] is { } challenge) AddChallenge(challenges, (uint)challenge);
                Add(digests, digest["value"]);
            }
            foreach (var fields in handshake["messages"]!.AsArray().Select(message => message!["fields"]!))
            {
                Add(names, fields["node"]);
                Add(names, fields["assignedNode"]);
                Add(digests, fields["digest"]);
                if (fields["challenge"] is { } challenge) AddChallenge(challenges, (uint)challenge);
            }
        }
        names.RemoveWhere(name => name.Length < Shortest || System.Net.IPAddress.TryParse(name, out _));
        digests.RemoveWhere(digest => digest.Length < 16);
        return new Secrets(names, challenges, digests);
    }

    /// <summary>The secrets that a text contains. A part of a name counts only next to an @.</summary>
    public IEnumerable<string> In(string text)
    {
        foreach (var name in Names)
        {
            if (name.Contains('@') ? text.Contains(name, StringComparison.OrdinalIgnoreCase)
                : Regex.IsMatch(text, $"@{Regex.Escape(name)}\\b|\\b{Regex.Escape(name)}[@:]\\w")) yield return name;
            foreach (var part in name.Split('@').Where(part => part.Length >= Shortest && !System.Net.IPAddress.TryParse(part, out _)))
                if (text.Contains($"@{part}", StringComparison.OrdinalIgnoreCase)
                    || text.Contains($"{part}@", StringComparison.OrdinalIgnoreCase)) yield return part;
        }
        foreach (var secret in Challenges.Concat(Digests))
            if (text.Contains(secret, StringComparison.OrdinalIgnoreCase)) yield return secret;
    }

    private static void Add(HashSet<string> texts, JsonNode? text)
    {
        if (text != null) texts.Add((string)text!);
    }

    private static void AddChallenge(HashSet<string> challenges, uint challenge)
    {
        if (challenge < 10_000_000) return; // a shorter number may be something else
        challenges.Add($"{challenge}");
        challenges.Add($"{challenge:x8}");
    }

    [GeneratedRegex(":[0-9]+$")]
    private static partial Regex Port();
}
