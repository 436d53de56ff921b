using PcapAnalyzer.Pipeline.Packets;
using static PcapAnalyzer.Reports.Filter.WhereHints;

namespace PcapAnalyzer.Reports.Filter;

/// <summary>A one-pass recursive-descent parser that builds tests. It limits length and depth, because input is untrusted.</summary>
internal sealed class WhereParser(string text) : WhereScanner(text)
{
    private const int MostLength = 4096;
    private const int MostDepth = 64;
    private const string Hint = "use == for equal, ~ for contains";

    /// <summary>What other languages use for <c>==</c> and <c>~</c>. After a field, such a word is a mistake, not a node name.</summary>
    private static readonly string[] ForeignOperators = ["is", "eq", "equals", "contains", "matches", "like"];

    private static readonly Field<WhereSubject> Node = WhereFields.Find("node")!;
    private static readonly Field<WhereSubject> Code = WhereFields.Find("code")!;
    private static readonly Field<WhereSubject> Ip = WhereFields.Find("ip")!;

    private int _depth;
    private int _validTo;
    private WherePlace _place;

    /// <summary>Whether a term has just ended.</summary>
    private bool _isBehindTerm;

    /// <summary>The field, if that term was only a field; an operator may still follow.</summary>
    private Field<WhereSubject>? _bare;

    internal static WhereParsed Parse(string text)
    {
        var parser = new WhereParser(text);
        try
        {
            return new WhereParsed(parser.Whole(), text.Length, parser._place, null);
        }
        catch (WrongException wrong)
        {
            return new WhereParsed(null, parser._validTo, parser._place, wrong.Error);
        }
    }

    private Test Whole()
    {
        if (Text.Length > MostLength) throw Wrong(MostLength, Text.Length - MostLength, $"longer than {MostLength} characters");
        SkipSpace();
        _place = Place();
        if (AtEnd) return (_, _) => true;
        var test = Or();
        return AtEnd ? test : throw Wrong(_at, 1, "no ( stands before this");
    }

    private Test Or()
    {
        var tests = new List<Test> { And() };
        while (TryWord("or") || TrySymbol("||")) tests.Add(And());
        if (tests is [var only]) return only;
        var any = tests.ToArray();
        return (subject, context) =>
        {
            foreach (var test in any)
                if (test(subject, context)) return true;
            return false;
        };
    }

    private Test And()
    {
        var tests = new List<Test> { Not() };
        while (TryWord("and") || TrySymbol("&&") || IsAtTerm()) tests.Add(Not());
        if (tests is [var only]) return only;
        var all = tests.ToArray();
        return (subject, context) =>
        {
            foreach (var test in all)
                if (!test(subject, context)) return false;
            return true;
        };
    }

    /// <summary>Whether another term follows. A space means <c>and</c>.</summary>
    private bool IsAtTerm()
    {
        SkipSpace();
        if (AtEnd && char.IsWhiteSpace(Text[_at - 1])) _place = Place();
        return !AtEnd && Current != ')' && !IsWord("or") && !IsSymbol("||");
    }

    private Test Not()
    {
        var isNegated = false;
        while (TryWord("not") || (!IsSymbol("!=") && !IsSymbol("!~") && TrySymbol("!"))) isNegated = !isNegated;
        var test = Term();
        _isBehindTerm = true;
        if (_depth == 0) _validTo = _at;
        return isNegated ? (subject, context) => !test(subject, context) : test;
    }

    private Test Term()
    {
        SkipSpace();
        if (!IsTouchingWord) _place = Place();
        (_isBehindTerm, _bare) = (false, null);
        var start = _at;
        if (AtEnd) throw Wrong(_at, 0, "a field or a word is missing here");
        if (IsOfWord(Current)) return FieldOrWord(start);
        if (Current == '"')
        {
            var named = Named(WhereValue.Containing(Quoted()));
            EndTerm();
            return named;
        }
        if (!TrySymbol("(")) throw Wrong(_at, 1, Unexpected(Current));
        if (++_depth > MostDepth) throw Wrong(start, 1, $"more than {MostDepth} parentheses inside each other");
        var test = Or();
        if (!TrySymbol(")")) throw Wrong(_at, 0, "a ) is missing here");
        _depth--;
        EndTerm();
        return test;
    }

    private Test FieldOrWord(int start)
    {
        var word = Run(IsOfWord);
        var end = _at;
        if (word.ToLowerInvariant() is "and" or "or") throw Wrong(start, word.Length, $"a field or a word is missing before {word}");
        var field = WhereFields.Find(word);
        if (Operator(start, field) is { } operation)
        {
            if (field == null) throw Wrong(start, word.Length, NoField(word));
            if (!field.Operators.Any(one => one.Text == operation))
                throw Wrong(_at - operation.Length, operation.Length,
                    $"{field.Name} is {Article(field.Type)}: use {string.Join(' ', field.Operators.Select(one => one.Text))}");
            return Comparison(start, field, operation);
        }
        if (field == null)
        {
            _at = end;
            return Named(WhereValue.Containing(word));
        }
        if (ForeignOperators.FirstOrDefault(IsWord) is { } foreign) throw Wrong(_at, foreign.Length, Hint);
        _at = end;
        _bare = field;
        return field.IsPresent;
    }

    /// <summary>The test of a bare word: it matches node names, diagnosis codes and IP addresses.</summary>
    private static Test Named(TextTest test) =>
        (subject, _) => Node.Texts!(subject, test) || Code.Texts!(subject, test) || Ip.Texts!(subject, test);

    /// <summary>Reads the operator that follows; null when none does.</summary>
    private string? Operator(int termStart, Field<WhereSubject>? field)
    {
        SkipSpace();
        var start = _at;
        var place = new WherePlace(start, termStart, _depth) { IsBehindTerm = true, Field = field };
        if (IsWord("in"))
        {
            _place = place;
            _at += 2;
            return "in";
        }
        var symbol = Run(letter => letter is '=' or '!' or '<' or '>' or '~');
        if (symbol is [] or ['!'] or ['!', '!', ..]) return null;
        if (symbol is "==" or "!=" or "<" or "<=" or ">" or ">=" or "~" or "!~") return symbol;
        _place = place;
        throw Wrong(start, symbol.Length, Hint);
    }

    private Test Comparison(int termStart, Field<WhereSubject> field, string operation)
    {
        var place = new WherePlace(0, termStart, _depth) { Field = field, Operator = operation };
        if (field.Numbers is { } numbers)
        {
            var compared = Values(place, ReadNumber).ConvertAll(number => WhereValue.Compare(operation, number)).ToArray();
            return compared is [var single] ? (subject, context) => numbers(subject, context, single)
                : (subject, context) => numbers(subject, context, (value, now) => Array.Exists(compared, one => one(value, now)));
        }
        var isNegated = operation[0] == '!';
        if (field.Addresses is { } addresses && operation is "==" or "!=" or "in")
        {
            var prefixes = Values(place, ReadAddress).ToArray();
            Predicate<Endpoint> isAmong = address =>
            {
                foreach (var prefix in prefixes)
                    if (prefix.Contains(address)) return !isNegated;
                return isNegated;
            };
            return (subject, _) => addresses(subject, isAmong);
        }
        var texts = field.Texts!;
        var tests = Values(place, ReadText).ToArray();
        TextTest test = value =>
        {
            foreach (var one in tests)
                if (one(value)) return !isNegated;
            return isNegated;
        };
        return (subject, _) => texts(subject, test);
    }

    /// <summary>Reads the value after an operator, or the values of a set.</summary>
    private List<T> Values<T>(WherePlace place, Func<WherePlace, T> read)
    {
        if (place.Operator != "in" || !TrySymbol("{")) return [read(place)];
        var values = new List<T>();
        do values.Add(read(place with { IsInSet = true }));
        while (TrySymbol(","));
        if (!TrySymbol("}")) throw Wrong(_at, AtEnd ? 0 : 1, "a , or a } is missing here");
        EndTerm();
        return values;
    }

    private TextTest ReadText(WherePlace place)
    {
        var isPart = place.Operator is "~" or "!~";
        BeginValue(place);
        var start = _at;
        string problem;
        if (isPart && Current == '/')
        {
            var pattern = Pattern();
            EndTerm();
            return WhereValue.Matching(pattern, out problem) ?? throw Wrong(start, _at - start, problem);
        }
        var text = Value();
        return isPart ? WhereValue.Containing(text) : WhereValue.Equal(place.Field!, text, out problem)
            ?? throw Wrong(start, _at - start, problem);
    }

    private AddressPrefix ReadAddress(WherePlace place)
    {
        BeginValue(place);
        var start = _at;
        return AddressPrefix.TryParse(Value(), out var prefix) ? prefix : throw Wrong(start, _at - start, WhereValue.NoAddress);
    }

    private WhereValue.Number ReadNumber(WherePlace place)
    {
        BeginValue(place);
        var start = _at;
        return WhereValue.NumberOf(place.Field!, Value(), out var problem) ?? throw Wrong(start, _at - start, problem);
    }

    private void BeginValue(WherePlace place)
    {
        SkipSpace();
        if (!IsTouchingWord) _place = place with { Start = _at };
        if (AtEnd) throw Wrong(_at, 0, $"a value is missing behind {place.Operator}");
        if (Current == '{') throw Wrong(_at, 1, "use in before a set");
    }

    private string Value()
    {
        if (Current != '"') return Run(IsOfValue) is { Length: > 0 } plain ? plain : throw Wrong(_at, 1, Unexpected(Current));
        var value = Quoted();
        if (!_place.IsInSet) EndTerm();
        return value;
    }

    /// <summary>Ends a term that has its own terminator; a bare word could still grow.</summary>
    private void EndTerm() => _place = new WherePlace(_at, _at, _depth) { IsBehindTerm = true };

    private WherePlace Place() => new(_at, _at, _depth) { IsBehindTerm = _isBehindTerm, Field = _bare };

    /// <summary>Whether the text ends directly after a word, which the user may still be typing.</summary>
    private bool IsTouchingWord => AtEnd && _at > 0 && IsOfWord(Text[_at - 1]);

    private bool TryWord(string word)
    {
        SkipSpace();
        if (!IsWord(word)) return false;
        _place = Place();
        Take(word);
        return true;
    }

    private bool TrySymbol(string symbol)
    {
        SkipSpace();
        if (!IsSymbol(symbol)) return false;
        Take(symbol);
        return true;
    }

    private void Take(string token)
    {
        _at += token.Length;
        (_isBehindTerm, _bare) = (false, null);
    }
}
