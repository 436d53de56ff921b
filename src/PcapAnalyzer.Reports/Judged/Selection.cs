using System.Collections;

namespace PcapAnalyzer.Reports;

/// <summary>
/// Selects the handshakes and sessions that a report lists. Everything else in the report still covers the whole capture.
/// </summary>
/// <param name="Expression">The expression as the user wrote it.</param>
/// <param name="Holds">Whether a handshake is listed.</param>
/// <param name="HoldsSession">Whether a session is listed; its handshake is null where the capture does not have it.</param>
public sealed record Selection(string Expression, Predicate<JudgedHandshake> Holds,
    Func<JudgedSession, JudgedHandshake?, bool> HoldsSession)
{
    /// <summary>Whether a handshake is listed. Tests the names before redaction.</summary>
    internal bool Lists(JudgedHandshake report) => Holds(Known(report));

    /// <inheritdoc cref="Lists(JudgedHandshake)"/>
    internal bool Lists(JudgedSession session, JudgedHandshake? handshake) =>
        HoldsSession(session.Unredacted is { } known ? session with { Judgement = known } : session,
            handshake == null ? null : Known(handshake));

    private static JudgedHandshake Known(JudgedHandshake report) =>
        report.Unredacted is { } known ? known with { Id = report.Id, Source = report.Source } : report;
}

/// <summary>The selected handshakes. The first enumeration of all handshakes finds them.</summary>
internal sealed class SelectedHandshakes(IReadOnlyList<JudgedHandshake> all, Predicate<JudgedHandshake> holds)
    : IReadOnlyList<JudgedHandshake>
{
    private List<int>? _places;

    public int Count => Places.Count;

    public JudgedHandshake this[int index] => all[Places[index]];

    private List<int> Places
    {
        get
        {
            if (_places == null)
                foreach (var _ in this) ;
            return _places!;
        }
    }

    public IEnumerator<JudgedHandshake> GetEnumerator() => _places == null ? FirstWalk()
        : _places.Select(place => all[place]).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private IEnumerator<JudgedHandshake> FirstWalk()
    {
        var places = new List<int>();
        var place = 0;
        foreach (var handshake in all)
        {
            if (holds(handshake))
            {
                places.Add(place);
                yield return handshake;
            }
            place++;
        }
        _places = places;
    }
}
