using System.CommandLine;

namespace PcapAnalyzer.Cli;

/// <summary>Rules for the values of options. An error is one line that names the option.</summary>
internal static class OptionRules
{
    /// <summary>Adds options in the order in which the help shows them.</summary>
    internal static void AddAll(this Command command, params IEnumerable<Option>[] groups)
    {
        foreach (var option in groups.SelectMany(group => group)) command.Add(option);
    }

    internal static void TakesOneOf(this Option option, params string[] values)
    {
        option.CompletionSources.Add(values);
        option.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
                if (!values.Contains(token.Value)) result.AddError($"{option.Name} {token.Value}: use {string.Join(" or ", values)}");
        });
    }

    internal static void TakesPositive(this Option option) => option.Validators.Add(result =>
    {
        foreach (var token in result.Tokens)
            if (!double.TryParse(token.Value, System.Globalization.CultureInfo.InvariantCulture, out var number)
                || number is <= 0 or > int.MaxValue) result.AddError($"{option.Name} {token.Value}: use a number above 0");
    });

    internal static void TakesPorts(this Option option) => option.Validators.Add(result =>
    {
        foreach (var token in result.Tokens)
            if (!ushort.TryParse(token.Value, out _)) result.AddError($"{option.Name} {token.Value}: use a TCP port, 0 to 65535");
    });
}
