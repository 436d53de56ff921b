using System.Text;

namespace PcapAnalyzer.Reports.Filter;

/// <summary>Reads the words and symbols of an expression in order.</summary>
internal abstract class WhereScanner(string text)
{
    private const int MostRegexLength = 256;

    private protected int _at;

    protected string Text { get; } = text;

    internal static bool IsOfWord(char letter) => char.IsLetterOrDigit(letter) || letter is '@' or '-' or '_' or '.' or ':' or '*';

    /// <summary>Whether a value without quotes may contain this character.</summary>
    internal static bool IsOfValue(char letter) => IsOfWord(letter) || letter is '/' or '+' or '[' or ']';

    protected bool AtEnd => _at == Text.Length;

    protected char Current => Text[_at];

    protected void SkipSpace()
    {
        while (!AtEnd && char.IsWhiteSpace(Current)) _at++;
    }

    protected string Run(Func<char, bool> isOfIt)
    {
        var start = _at;
        while (!AtEnd && isOfIt(Current)) _at++;
        return Text[start.._at];
    }

    protected bool IsWord(string word) =>
        string.Compare(Text, _at, word, 0, word.Length, StringComparison.OrdinalIgnoreCase) == 0
            && (_at + word.Length == Text.Length || !IsOfWord(Text[_at + word.Length]));

    protected bool IsSymbol(string symbol) => string.CompareOrdinal(Text, _at, symbol, 0, symbol.Length) == 0;

    /// <summary>Reads a quoted string, in which <c>\"</c> and <c>\\</c> are escapes.</summary>
    protected string Quoted()
    {
        var start = _at++;
        var content = new StringBuilder();
        for (; !AtEnd && Current != '"'; _at++)
        {
            if (Current == '\\' && _at + 1 < Text.Length && Text[_at + 1] is '"' or '\\') _at++;
            content.Append(Current);
        }
        if (AtEnd) throw Wrong(start, _at - start, "its closing \" is missing");
        _at++;
        return content.ToString();
    }

    /// <summary>Reads a regular expression, in which a backslash escapes a slash.</summary>
    protected string Pattern()
    {
        var start = _at++;
        while (!AtEnd && Current != '/') _at += Current == '\\' && _at + 1 < Text.Length ? 2 : 1;
        if (AtEnd) throw Wrong(start, _at - start, "its closing / is missing");
        if (_at - start > MostRegexLength)
            throw Wrong(start, _at - start, $"a regular expression has at most {MostRegexLength} characters");
        return Text[(start + 1).._at++];
    }

    protected WrongException Wrong(int at, int length, string message) =>
        new(new WhereError(at + 1, length, message, at + length >= Text.Length));

    protected sealed class WrongException(WhereError error) : Exception
    {
        internal WhereError Error => error;
    }
}
