using System.Buffers;
using System.Globalization;
using System.Text.RegularExpressions;

namespace PcapAnalyzer.Reports.Filter;

/// <summary>Turns the value after an operator into a test of one field value.</summary>
internal static class WhereValue
{
    internal const string NoAddress = "write an address: 10.0.4.7, 10.0.4.0/24, 2001:db8::/32, 10.0.4.7:4369";

    /// <summary>Returns the number that a value means in a context, such as a time relative to now.</summary>
    internal delegate long Number(WhereContext context);

    /// <param name="field">A field that compares as text.</param>
    internal static TextTest? Equal(Field<WhereSubject> field, string text, out string problem)
    {
        problem = "";
        switch (field.Type)
        {
            case FieldType.Enumeration when !field.Values.Any(value => value.Text == text):
                problem = WhereHints.NoValue(field, text);
                return null;
            default:
                return value => value.SequenceEqual(text);
        }
    }

    /// <summary>Tests for a substring, ignoring case; <c>*</c> matches anything between two parts.</summary>
    internal static TextTest Containing(string text)
    {
        var parts = text.Split('*', StringSplitOptions.RemoveEmptyEntries);
        if (parts is [var only])
        {
            var search = SearchValues.Create([only], StringComparison.OrdinalIgnoreCase);
            return value => value.ContainsAny(search);
        }
        return value =>
        {
            foreach (var part in parts)
            {
                var at = value.IndexOf(part, StringComparison.OrdinalIgnoreCase);
                if (at < 0) return false;
                value = value[(at + part.Length)..];
            }
            return true;
        };
    }

    /// <summary>Caches the last expression. Building one takes a megabyte, and each key press parses the filter several times.</summary>
    private static Regex? _last;

    /// <summary>Compiles a regular expression. Matching takes time linear in the value's length, whatever the expression.</summary>
    internal static TextTest? Matching(string pattern, out string problem)
    {
        problem = "";
        try
        {
            var regex = _last is { } last && last.ToString() == pattern ? last
                : _last = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return value => regex.IsMatch(value);
        }
        catch (RegexParseException wrong)
        {
            problem = $"no regular expression: {wrong.Error.Kebab().Replace('-', ' ')}";
        }
        catch (NotSupportedException)
        {
            problem = "no look-around, no back reference and no huge repetition can be used here";
        }
        return null;
    }

    /// <param name="field">A field that compares as a number.</param>
    internal static Number? NumberOf(Field<WhereSubject> field, string text, out string problem)
    {
        problem = "";
        switch (field.Type)
        {
            case FieldType.Flag when text is "true" or "false":
                var flag = text == "true" ? 1 : 0;
                return _ => flag;
            case FieldType.Number when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number):
                return _ => number;
            case FieldType.Duration when WhereTime.TryParseDuration(text, out var duration):
                return _ => duration;
            case FieldType.Time when WhereTime.TryParse(text, out var time):
                return context => time(context.Now);
        }
        problem = field.Type switch
        {
            FieldType.Flag => "write true or false",
            FieldType.Number => "write a whole number",
            FieldType.Duration => "write a duration with its unit: 500us, 20ms, 1.5s, 5m, 1h",
            _ => "write a time in UTC: 20:14, 2026-07-12T20:14:03Z, or -5m (five minutes ago)",
        };
        return null;
    }

    internal static NumberTest Compare(string operation, Number number) => operation switch
    {
        "==" or "in" => (value, context) => value == number(context),
        "!=" => (value, context) => value != number(context),
        "<" => (value, context) => value < number(context),
        "<=" => (value, context) => value <= number(context),
        ">" => (value, context) => value > number(context),
        _ => (value, context) => value >= number(context),
    };
}
