using System.CommandLine;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Cli;

/// <summary><c>pcap-analyzer explain [CODE]</c>: explains a diagnosis.</summary>
internal static class ExplainCommand
{
    /// <summary>Guides from symptoms to the fix.</summary>
    private static readonly (string Name, string Title, Func<string> Text)[] Guides =
    [
        ("rabbitmq", "From RabbitMQ's symptoms to the fix.", () => Explanation.RabbitMq),
        ("split", "From nodes that lost each other to the fix.", () => Explanation.Split),
    ];

    /// <summary>What can be explained.</summary>
    private static IEnumerable<string> Codes => Explanation.All.Select(one => one.Code).Concat(Guides.Select(guide => guide.Name));

    internal static bool Knows(string code) => Codes.Contains(code);

    internal static Command Create(RootCommand root)
    {
        var code = new Argument<string?>("CODE")
        {
            Description = "A diagnosis code of a report, or rabbitmq, or split. Without it: the list.",
            Arity = ArgumentArity.ZeroOrOne,
            HelpName = "CODE",
        };
        code.CompletionSources.Add([.. Codes]);
        var command = new Command("explain", "Explains a diagnosis: what happened, what to change, what the logs say.") { code };
        HelpWithExamples.AddTo(root, command, """
            pcap-analyzer explain                    the list of diagnoses
            pcap-analyzer explain cookie-mismatch    one of them
            pcap-analyzer explain rabbitmq           from RabbitMQ's symptoms to the fix
            pcap-analyzer explain split              why nodes lost each other
            """);
        command.SetAction(parsed =>
        {
            var text = TextOf(parsed.GetValue(code));
            OutputFile.Write(null, stream =>
            {
                using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
                foreach (var line in text.SelectMany(Wrap)) writer.WriteLine(line);
            });
            return ExitCode.Success;
        });
        return command;
    }

    private static IEnumerable<string> TextOf(string? code)
    {
        if (code == null)
            return [.. Explanation.All.Select(one => $"{one.Code,-24} {one.Title}"), "",
                .. Guides.Select(guide => $"{guide.Name,-24} {guide.Title}")];
        if (Array.Find(Guides, guide => guide.Name == code) is { Name: not null } found) return found.Text().TrimEnd().Split('\n');
        var explanation = Explanation.All.FirstOrDefault(one => one.Code == code)
            ?? throw new UsageException($"{code}: no such diagnosis{Spelling.Hint(code, Codes, "; 'pcap-analyzer explain' lists them")}");
        IEnumerable<string> logs = explanation.Logs.Count == 0 ? []
            : ["In the logs:", .. explanation.Logs.Select(log => $"    {log.Protocol}: {log.Line}"), ""];
        var text = explanation.Text.Replace("\nWhat to do:", "\n\nWhat to do:", StringComparison.Ordinal)
            .Replace("\nExample:", "\n\nExample:", StringComparison.Ordinal);
        return [explanation.Code, explanation.Title, "", .. text.Split('\n'), "", .. logs,
            $"Rows of the protocols' failure tables: {(explanation.Rows.Count == 0 ? "none" : string.Join(", ", explanation.Rows))}"];
    }

    /// <summary>Wraps prose for a narrow terminal. Lines indented by four spaces are quotations and stay as they are.</summary>
    private static IEnumerable<string> Wrap(string text)
    {
        if (text.Length <= TerminalWidth.ForReading || text.StartsWith("    ", StringComparison.Ordinal)) return [text];
        // Continuation lines align with the second column of a list, or with the text after a dash.
        var column = text.IndexOf("  ", StringComparison.Ordinal);
        var dash = text.TrimStart().StartsWith("- ", StringComparison.Ordinal) ? 2 : 0;
        var indent = column > 0 ? text.Length - text[column..].TrimStart().Length : text.Length - text.TrimStart().Length + dash;
        return CellText.Wrap(text, TerminalWidth.ForReading, rest: new string(' ', indent));
    }
}
