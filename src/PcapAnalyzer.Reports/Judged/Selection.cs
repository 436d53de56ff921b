using System.Collections;

namespace PcapAnalyzer.Reports;

/// <summary>Which handshakes a report lists; whatever else it says stays that of the whole capture.</summary>
/// <param name="Expression">As the user wrote it.</param>
/// <param name="Holds">Whether a handshake is listed.</param>
public sealed record Selection(string Expression, Predicate<JudgedHandshake> Holds)
{
    /// <summary>Whether a handshake is listed: by its names, though they may not be told.</summary>
    internal bool Lists(JudgedHandshake report) => Holds(report.Unredacted is { } known ? known with { Id = report.Id, Source = report.Source } : report);
}

/// <summary>Those of all handshakes that are selected; which they are is found out by the first walk over them.</summary>
internal sealed class SelectedHandshakes(IReadOnlyList<JudgedHandshake> all, Predicate<JudgedHandshake> holds) : IReadOnlyList<JudgedHandshake>
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

    public IEnumerator<JudgedHandshake> GetEnumerator() => _places == null ? FirstWalk() : _places.Select(place => all[place]).GetEnumerator();

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
