using System.CommandLine;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Cli;

/// <summary>The options for the format and the destination of a report.</summary>
internal sealed class OutputOptions
{
    internal Option<string> Format { get; } = new("--format")
    {
        HelpName = "text|json|jsonl",
        Description = "text for people, json for programs (see --schema), jsonl for programs that follow: a handshake a line as soon as "
            + "its outcome is known, a session {\"session\": …} and a split {\"split\": …} beside them, each again with a higher revision "
            + "when something changed.",
        DefaultValueFactory = _ => "text",
    };

    internal Option<string?> Output { get; } = new("--output", "-o")
    {
        HelpName = "PATH",
        Description = "Write to a file, whole or not at all.",
    };

    private readonly Option<bool> _ladder = new("--ladder")
    {
        Description = "Draw each handshake as a ladder: two lifelines, an arrow a message, gaps to scale.",
    };

    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "One line a handshake." };

    private readonly Option<bool> _verbose = new("--verbose", "-v") { Description = "Every decoded field." };

    private readonly Option<string> _colour = new("--color")
    {
        HelpName = "auto|always|never",
        Description = "Colour the text. auto: on a terminal, unless NO_COLOR is set.",
        DefaultValueFactory = _ => "auto",
    };

    private readonly Option<bool> _ascii = new("--ascii")
    {
        Description = "No character beyond ASCII; by itself where the locale is not UTF-8.",
    };

    internal OutputOptions()
    {
        Format.TakesOneOf("text", "json", "jsonl");
        _colour.TakesOneOf("auto", "always", "never");
    }

    /// <summary>The options of the text format.</summary>
    internal IEnumerable<Option> OfText => [_quiet, _ladder, _verbose, _colour, _ascii];

    internal string? Path(ParseResult parsed) => parsed.GetValue(Output);

    /// <exception cref="UsageException">Two options contradict each other.</exception>
    internal void Check(ParseResult parsed)
    {
        if (Path(parsed) == "-")
            throw new UsageException("--output -: without --output a report goes to standard output (a file of that name is ./-)");
        if (parsed.GetValue(_quiet) && parsed.GetValue(_verbose)) throw new UsageException("--quiet and --verbose contradict each other");
        if (parsed.GetValue(_quiet) && parsed.GetValue(_ladder)) throw new UsageException("--quiet and --ladder contradict each other");
    }

    internal void AddTo(FilesInUse inUse, ParseResult parsed)
    {
        if (Path(parsed) is { } output) inUse.Write(Output.Name, output);
        else
        {
            OutputFile.CheckStandardOutput(); // before the analysis, and before another output file takes the descriptor
            inUse.WriteStandardOutput();
        }
    }

    /// <summary>True when handshakes are written while captures are read: always for jsonl, and for text of a live input.</summary>
    internal bool IsToldMeanwhile(ParseResult parsed, bool isLive) =>
        parsed.GetValue(Format) == "jsonl" || (parsed.GetValue(Format) == "text" && isLive);

    internal LiveReport NewLiveReport(ParseResult parsed, CaptureAnalysis analysis, Stream stream, ReportNumbers numbers,
        Selection? selection) =>
        parsed.GetValue(Format) == "jsonl" ? new JsonLines(analysis.Cluster, stream, numbers, selection)
        : new LiveText(analysis.Cluster, NewWriter(parsed, stream), Style(parsed), selection);

    internal void Write(ParseResult parsed, CaptureReport report) => OutputFile.Write(Path(parsed), stream =>
    {
        if (parsed.GetValue(Format) == "json")
        {
            JsonReport.Write(report, stream);
            return;
        }
        using var writer = NewWriter(parsed, stream);
        TextReport.Write(report, writer, Style(parsed));
    });

    private TextWriter NewWriter(ParseResult parsed, Stream stream)
    {
        var writer = new StreamWriter(stream, leaveOpen: true);
        return IsAscii(parsed) ? new AsciiWriter(writer) : writer;
    }

    private TextStyle Style(ParseResult parsed)
    {
        var isTerminal = Path(parsed) == null && !Console.IsOutputRedirected;
        var detail = parsed.GetValue(_quiet) ? TextDetail.Quiet : parsed.GetValue(_verbose) ? TextDetail.Verbose : TextDetail.Normal;
        var auto = isTerminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") != "dumb";
        var colour = parsed.GetValue(_colour) switch { "always" => true, "never" => false, _ => auto };
        // The terminal's width, limited so that the eye can follow an arrow.
        var width = isTerminal ? Math.Clamp(Console.WindowWidth, 60, 110) : 80;
        var ladder = parsed.GetValue(_ladder) ? new LadderStyle { Width = width, IsAscii = IsAscii(parsed) } : null;
        return new TextStyle(colour, detail) { Ladder = ladder, Width = isTerminal ? TerminalWidth.OfOutput : null };
    }

    private bool IsAscii(ParseResult parsed) => parsed.GetValue(_ascii) || !IsUtf8();

    /// <summary>An unset locale says nothing about the terminal, and terminals are UTF-8 today.</summary>
    private static bool IsUtf8()
    {
        var locale = new[] { "LC_ALL", "LC_CTYPE", "LANG" }.Select(Environment.GetEnvironmentVariable)
            .FirstOrDefault(value => !string.IsNullOrEmpty(value));
        return locale == null || locale.Contains("UTF-8", StringComparison.OrdinalIgnoreCase)
            || locale.Contains("UTF8", StringComparison.OrdinalIgnoreCase);
    }
}
