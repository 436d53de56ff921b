using System.CommandLine;

namespace PcapAnalyzer.Cli;

/// <summary>The input of a verb: files, or interfaces with <c>-i</c>, and a filter for their packets.</summary>
/// <param name="purpose">What the verb does with a capture, for the message that asks for one: "to report on".</param>
internal sealed class InputOptions(string purpose, string description)
{
    private readonly LiveCaptureOptions _live = new();

    internal Argument<string[]> Files { get; } = new("FILE") { Description = description, Arity = ArgumentArity.ZeroOrMore };

    internal Option<string?> Filter { get; } = new("--filter")
    {
        HelpName = "BPF",
        Description = "Look only at packets that this pcap-filter(7) expression lets through, like 'tcp port 4400'.",
    };

    internal IEnumerable<Option> Live => _live.All;

    internal IReadOnlyList<string> FilesOf(ParseResult parsed) => parsed.GetValue(Files) ?? [];

    internal bool IsLive(ParseResult parsed) => _live.Interfaces(parsed).Count > 0;

    internal bool KeepsPackets(ParseResult parsed) => _live.Kept(parsed) != null;

    /// <exception cref="UsageException">No input is named, or two inputs exclude each other.</exception>
    internal void Check(ParseResult parsed)
    {
        var files = FilesOf(parsed);
        _live.Check(parsed);
        if (files.Count == 0 && !IsLive(parsed))
            throw new UsageException($"name a capture FILE {purpose}, - for standard input, or an interface with -i");
        if (files.Count > 0 && IsLive(parsed))
            throw new UsageException("-i captures an interface and a FILE was captured before: name one of the two");
        if (files.Count(file => file == "-") > 1) throw new UsageException("standard input can be read once only");
    }

    internal void AddReadTo(FilesInUse inUse, ParseResult parsed) => inUse.ReadCaptures(FilesOf(parsed));

    internal void AddWrittenTo(FilesInUse inUse, ParseResult parsed) => _live.AddTo(inUse, parsed);

    /// <summary>Opens the input of a report. Its problems go to standard error.</summary>
    internal IRunInput Open(ParseResult parsed, bool withLibpcap, Messages messages) => IsLive(parsed)
        ? _live.Open(parsed, parsed.GetValue(Filter), messages)
        : FileInput.Open(FilesOf(parsed), parsed.GetValue(Filter), withLibpcap, messages);

    /// <summary>Opens the input of the screen, which shows problems itself.</summary>
    internal IRunInput OpenForScreen(ParseResult parsed) => IsLive(parsed)
        ? _live.Open(parsed, parsed.GetValue(Filter), messages: null)
        : FileInput.Check(FilesOf(parsed), parsed.GetValue(Filter));
}
