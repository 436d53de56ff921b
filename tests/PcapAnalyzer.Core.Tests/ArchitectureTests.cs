using System.Text.RegularExpressions;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Core.Tests;

/// <summary>Who may know whom, held by reading the sources.</summary>
public sealed partial class ArchitectureTests
{
    private const int MostLines = 300;

    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Packets"] = [],
        ["Streams"] = ["Packets"],
        ["Handshakes"] = ["Packets", "Streams"],
        ["Hashes"] = [],
        ["Protocols"] = ["Packets", "Streams", "Handshakes", "Hashes"],
        ["Cluster"] = ["Packets", "Streams", "Handshakes", "Hashes"],
        ["Reports"] = ["Packets", "Streams", "Handshakes", "Hashes", "Cluster"],
        ["Filters"] = ["Packets", "Streams", "Handshakes", "Hashes", "Cluster", "Reports"],
    };

    public static TheoryData<string> Folders => [.. Allowed.Keys];

    public static TheoryData<string, string> Projects => new()
    {
        { "Core", "" },
        { "Capture", "Core" },
        { "Tui", "Core" },
        { "Cli", "Capture Core Tui" },
    };

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_folder_of_Core_uses_only_what_stands_before_it(string folder)
    {
        var sources = Sources($"src/PcapAnalyzer.Core/{folder}").ToList();
        Assert.NotEmpty(sources);
        foreach (var source in sources)
        {
            var used = CoreUsing().Matches(File.ReadAllText(source)).Select(match => match.Groups[1].Value).Where(name => name != folder);
            Assert.True(used.All(Allowed[folder].Contains), $"{source} uses {string.Join(", ", used.Except(Allowed[folder]))}");
        }
    }

    [Fact]
    public void Every_folder_of_Core_has_its_rule()
    {
        var folders = Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src/PcapAnalyzer.Core")).Select(Path.GetFileName).Except(["bin", "obj"]);
        Assert.Equal(Allowed.Keys.Order(), folders.Order()!);
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_it_may(string project, string allowed)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, $"src/PcapAnalyzer.{project}/PcapAnalyzer.{project}.csproj"));
        var references = ProjectReference().Matches(text).Select(match => match.Groups[1].Value).Order();
        Assert.Equal(allowed.Split(' ', StringSplitOptions.RemoveEmptyEntries), references);
    }

    [Fact]
    public void Handshakes_Streams_and_Cluster_name_no_protocol()
    {
        foreach (var folder in (string[])["Streams", "Handshakes"])
            foreach (var source in Sources($"src/PcapAnalyzer.Core/{folder}"))
                Assert.DoesNotContain("ractor", File.ReadAllText(source), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void SharpPcap_is_known_to_Capture_alone_and_Terminal_Gui_to_Tui_alone()
    {
        foreach (var source in Sources("src"))
        {
            var text = File.ReadAllText(source);
            if (!source.Contains("PcapAnalyzer.Capture", StringComparison.Ordinal)) Assert.False(text.Contains("using SharpPcap", StringComparison.Ordinal), source);
            if (!source.Contains("PcapAnalyzer.Tui", StringComparison.Ordinal)) Assert.False(text.Contains("using Terminal.Gui", StringComparison.Ordinal), source);
        }
    }

    [Fact]
    public void No_file_is_longer_than_a_newcomer_reads()
    {
        foreach (var source in Sources("src"))
            Assert.True(File.ReadLines(source).Count() <= MostLines, $"{source} has more than {MostLines} lines");
    }

    [GeneratedRegex(@"using (?:static )?PcapAnalyzer\.Core\.(\w+)")]
    private static partial Regex CoreUsing();

    [GeneratedRegex(@"ProjectReference Include=""[^""]*PcapAnalyzer\.(\w+)\.csproj""")]
    private static partial Regex ProjectReference();
}
