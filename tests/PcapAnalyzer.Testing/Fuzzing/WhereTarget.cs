using System.Text;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Reports.Filter;

namespace PcapAnalyzer.Testing.Fuzzing;

/// <summary>Any expression gives a filter, or an error whose position lies in the expression.</summary>
public static class WhereTarget
{
    private static readonly IReadOnlyList<JudgedHandshake> Sample =
        [.. Playbook.Report(FailureRow.Cookies,
            [.. FailureRow.All.Where(row => row.Row is "E1" or "E9" or "R2").SelectMany(row => row.Plays)]).Handshakes];

    /// <summary>Words from which a fuzzer builds expressions.</summary>
    public static IEnumerable<string> Words => WhereFields.All.SelectMany(one => one.Operators.Select(word => word.Text).Prepend(one.Name))
        .Concat(["and", "or", "not", "in {", "}", "&&", "||", "!~ /", "\\"]).Distinct();

    private static readonly WhereContext Context = new() { Now = 1_783_887_600_000_000_000, Marked = new HashSet<int> { 1 } };

    /// <summary>The input is UTF-8. Invalid bytes become unpaired surrogates, which a terminal or a program may pass.</summary>
    internal static void Run(ReadOnlySpan<byte> input) => Check(Utf8WithUnpaired(input), Sample, Context);

    public static void Check(string text, IReadOnlyList<JudgedHandshake> handshakes, WhereContext context)
    {
        if (Where.TryParse(text, out var where, out var error))
        {
            foreach (var handshake in handshakes)
            {
                var matches = where.Matches(handshake, context);
                FuzzFailure.Unless(where.Matches(handshake, context) == matches, $"#{handshake.Id} matches or not");
                if (text.Length < 1000 && Where.TryParse($"not ({text})", out var not, out _))
                    FuzzFailure.Unless(string.IsNullOrWhiteSpace(text) || not.Matches(handshake, context) != matches,
                        $"#{handshake.Id} matches {text} as well as its opposite");
            }
        }
        else
        {
            FuzzFailure.Unless(error.Column >= 1 && error.Column <= text.Length + 1 && error.Length >= 0
                && error.Length <= text.Length + 1 - error.Column && error.Message.Length > 0, $"{error}");
        }
        var prefix = Where.ParsePrefix(text, out var problem);
        FuzzFailure.Unless((problem == null) == (where != null), $"{problem}");
        FuzzFailure.Unless(text.StartsWith(prefix.Expression, StringComparison.Ordinal) && Where.TryParse(prefix.Expression, out _, out _),
            $"{prefix.Expression} is no beginning");
        foreach (var handshake in handshakes) prefix.Matches(handshake, context);
        foreach (var cursor in (int[])[0, text.Length / 2, text.Length])
        {
            var completion = WhereCompletion.At(text, cursor, handshakes, context);
            FuzzFailure.Unless(completion.Start >= 0 && completion.Start <= cursor && completion.Start + completion.Length >= cursor
                && completion.Start + completion.Length <= text.Length, $"{completion}");
            foreach (var offer in completion.Offers)
                FuzzFailure.Unless(!offer.Text.Any(char.IsControl) && offer.Rows is null or >= 0, $"{offer}");
        }
    }

    private static string Utf8WithUnpaired(ReadOnlySpan<byte> input)
    {
        var text = new StringBuilder(input.Length);
        while (!input.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(input, out var rune, out var length) == System.Buffers.OperationStatus.Done)
                text.Append(rune.ToString());
            else text.Append((char)(0xD800 + input[0]));
            input = input[length..];
        }
        return text.ToString();
    }
}
