using System.Text;

namespace PcapAnalyzer.Judging;

/// <summary>Text of strangers inside a sentence: control characters are shown by their numbers, as <c>\u001b</c>.</summary>
internal static class Escaped
{
    internal static string Of(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\0', '\x1F') && !text.AsSpan().ContainsAnyInRange('\x7F', '\x9F')) return text;
        var escaped = new StringBuilder();
        foreach (var one in text)
        {
            if (char.IsControl(one)) escaped.Append($"\\u{(int)one:x4}");
            else escaped.Append(one);
        }
        return escaped.ToString();
    }
}
