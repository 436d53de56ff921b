using System.Globalization;

namespace PcapAnalyzer.Reports.Filter;

/// <summary>The handshakes whose match depends on one test of an expression. The text before the test decides all others.</summary>
internal sealed class WhereRows
{
    /// <summary>Counting more would delay a key press.</summary>
    private const int MostHandshakes = 10_000;

    /// <summary>Maximum number of distinct values counted.</summary>
    private const int MostDistinct = 10_000;
    private const int MostSeen = 10;
    private const int LongestSeen = 80;

    private readonly List<JudgedHandshake> _open = [];
    private readonly WhereContext _context;
    private readonly bool _isCounted;
    private int _decided;

    /// <summary>True when the expression matches if the test holds; false after a <c>not</c>.</summary>
    private bool _letsThrough = true;

    private WhereRows(WhereContext context, bool isCounted) => (_context, _isCounted) = (context, isCounted);

    /// <summary>Finds the handshakes that the next test decides, among the last <see cref="MostHandshakes"/>.</summary>
    /// <param name="before">The expression before the test.</param>
    /// <param name="depth">Number of open parentheses.</param>
    /// <param name="context">As for <see cref="Where.Matches"/>.</param>
    /// <returns>Null when no valid expression starts with <paramref name="before"/>.</returns>
    internal static WhereRows? Left(string before, int depth, IReadOnlyList<JudgedHandshake> handshakes, WhereContext context)
    {
        // A test decides a handshake if an always-true test in its place gives another result than an always-false one.
        var closing = new string(')', depth);
        if (!Where.TryParse($"{before} id > 0{closing}", out var held, out _)
            || !Where.TryParse($"{before} id < 0{closing}", out var failed, out _)) return null;
        var rows = new WhereRows(context, handshakes.Count <= MostHandshakes);
        for (var i = Math.Max(0, handshakes.Count - MostHandshakes); i < handshakes.Count; i++)
        {
            var (ifHeld, ifFailed) = (held.Matches(handshakes[i], context), failed.Matches(handshakes[i], context));
            if (ifHeld != ifFailed) rows.Add(handshakes[i], ifHeld);
            else if (ifHeld) rows._decided++;
        }
        return rows;
    }

    /// <summary>How many handshakes match with this test; null when the test is invalid or there are too many handshakes.</summary>
    internal int? CountWith(string test)
    {
        if (!_isCounted || !Where.TryParse(test, out var where, out _)) return null;
        var count = _decided;
        foreach (var handshake in _open)
            if (where.Matches(handshake, _context) == _letsThrough) count++;
        return count;
    }

    /// <summary>Values of a field that contain the typed text, most frequent first.</summary>
    internal IEnumerable<string> Seen(Field<WhereSubject> field, string typed) => (field.Numbers == null ? Texts(field) : Numbers(field))
        .Where(value => value.Text.Length > 0 && value.Text.Contains(typed, StringComparison.OrdinalIgnoreCase)
            && ReportText.Safe(value.Text) == value.Text)
        .OrderByDescending(value => value.Count).ThenBy(value => value.Text, StringComparer.Ordinal)
        .Take(MostSeen).Select(value => value.Text);

    private void Add(JudgedHandshake handshake, bool ifHeld)
    {
        _open.Add(handshake);
        _letsThrough = ifHeld;
    }

    private IEnumerable<(string Text, int Count)> Texts(Field<WhereSubject> field)
    {
        var counts = new Dictionary<string, int>();
        var bySpan = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var handshake in _open)
            field.Texts!(new WhereSubject(handshake, null), value =>
            {
                if (value.Length <= LongestSeen && (bySpan.TryGetValue(value, out var count) || counts.Count < MostDistinct))
                    bySpan[value] = count + 1;
                return false;
            });
        return counts.Select(pair => (pair.Key, pair.Value));
    }

    private IEnumerable<(string Text, int Count)> Numbers(Field<WhereSubject> field)
    {
        var counts = new Dictionary<long, int>();
        foreach (var handshake in _open)
            field.Numbers!(new WhereSubject(handshake, null), _context, (value, _) =>
            {
                if (counts.TryGetValue(value, out var count) || counts.Count < MostDistinct) counts[value] = count + 1;
                return false;
            });
        return counts.Select(pair => (pair.Key.ToString(CultureInfo.InvariantCulture), pair.Value));
    }
}
