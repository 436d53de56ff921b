namespace PcapAnalyzer.Reports;

/// <summary>The long explanation of a diagnosis: one section of <c>docs/diagnoses.md</c>, the only source of this text.</summary>
/// <param name="Code">The diagnosis code, as in the report.</param>
/// <param name="Title">One line.</param>
/// <param name="Rows">The rows of the failure tables that it covers.</param>
/// <param name="Logs">Log lines that the operator may have seen, or a note that there are none, each with who writes it.</param>
/// <param name="Text">What happened, what to do, and an example; one paragraph per line.</param>
public sealed record Explanation(string Code, string Title, IReadOnlyList<string> Rows, IReadOnlyList<(string Protocol, string Line)> Logs,
    string Text)
{
    private const string RowsMark = "Rows: ";
    private const string LogsMark = "Logs ";

    public static IReadOnlyList<Explanation> All { get; } = [.. Read("diagnoses.md").Split("\n## ").Skip(1).Select(Parse)];

    private static readonly Dictionary<(string Code, string Protocol), IReadOnlyList<string>> LogsByCode = All
        .SelectMany(one => one.Logs.Select(log => (Key: (one.Code, log.Protocol), log.Line)))
        .GroupBy(log => log.Key, log => log.Line).ToDictionary(lines => lines.Key, IReadOnlyList<string> (lines) => [.. lines]);

    /// <summary>The log lines that these programs write for a diagnosis; empty when none is known.</summary>
    internal static IReadOnlyList<string> LogsOf(string code, IEnumerable<string> writers) =>
        [.. writers.SelectMany(writer => LogsByCode.GetValueOrDefault((code, writer)) ?? [])];

    /// <summary>The guide from a RabbitMQ symptom to its fix.</summary>
    public static string RabbitMq => Read("rabbitmq.md");

    /// <summary>The guide from "nodes lost each other" to the fix.</summary>
    public static string Split => Read("split.md");

    private static Explanation Parse(string section)
    {
        var lines = section.Split('\n');
        var rows = lines.Single(line => line.StartsWith(RowsMark, StringComparison.Ordinal))[RowsMark.Length..].Split(' ')
            .Where(row => row != "none");
        var logs = lines.Where(line => line.StartsWith(LogsMark, StringComparison.Ordinal))
            .Select(line => line[LogsMark.Length..].Split(": ", 2)).Select(parts => (parts[0], parts[1]));
        var text = lines.SkipWhile(line => !line.StartsWith("What happened:", StringComparison.Ordinal));
        return new Explanation(lines[0], lines[1], [.. rows], [.. logs], string.Join('\n', text).TrimEnd());
    }

    private static string Read(string name)
    {
        using var reader = new StreamReader(typeof(Explanation).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
