using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using PcapAnalyzer.Capture;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Cli;

/// <summary><c>pcap-analyzer interfaces</c>: lists the interfaces that <c>-i</c> accepts, and why one cannot be captured.</summary>
internal static class InterfacesCommand
{
    internal static Command Create(RootCommand root)
    {
        var json = new Option<bool>("--json") { Description = "For programs." };
        var command = new Command("interfaces", "Lists the interfaces that report -i can capture on: addresses, state, link type, and "
            + "what rights are missing.") { json };
        HelpWithExamples.AddTo(root, command, """
            pcap-analyzer interfaces                                  for people
            pcap-analyzer interfaces --json | jq -r '.[].name'        for programs
            """);
        command.SetAction(parsed =>
        {
            var interfaces = NetworkInterfaces.List();
            OutputFile.Write(null, stream =>
            {
                using var writer = new StreamWriter(stream, leaveOpen: true);
                if (parsed.GetValue(json))
                    writer.WriteLine(JsonSerializer.Serialize(interfaces, InterfacesJson.Default.IReadOnlyListNetworkInterfaceReport));
                else WriteText(interfaces, writer);
            });
            return ExitCode.Success;
        });
        return command;
    }

    private static void WriteText(IReadOnlyList<NetworkInterfaceReport> interfaces, TextWriter output)
    {
        var names = interfaces.Select(one => ReportText.Safe(one.Name)).DefaultIfEmpty("").Max(name => name.Length);
        foreach (var one in interfaces)
        {
            var state = !one.IsUp ? "down" : one.IsRunning ? "up" : "up, no carrier";
            var facts = new[] { state, one.IsLoopback ? "loopback" : null, one.LinkType, string.Join(" ", one.Addresses),
                one.Description is { } said ? ReportText.Safe(said) : null };
            output.WriteLine($"{ReportText.Safe(one.Name).PadRight(names)}  "
                + $"{string.Join("  ", facts.Where(fact => !string.IsNullOrEmpty(fact)))}");
            if (one.Problem is { } problem) output.WriteLine($"{new string(' ', names)}  ! {ReportText.Safe(problem, 300)}");
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(IReadOnlyList<NetworkInterfaceReport>))]
internal sealed partial class InterfacesJson : JsonSerializerContext;
