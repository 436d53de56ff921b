using PcapAnalyzer.Pipeline.Facts;

namespace PcapAnalyzer.Pipeline.Readers.Sessions;

/// <summary>The few longest silences of a direction.</summary>
internal struct LongestSilences()
{
    /// <summary>A shorter one is told only while there is no longer one.</summary>
    private const int Most = 8;

    /// <summary>The longest silence is told however short (ns); others no node minds, whatever its net_ticktime.</summary>
    private const long Short = 400_000_000;

    private Silence[] _all = [];
    private int _count;
    private long _shortest;

    internal void Add(long from, long to)
    {
        var length = to - from;
        if (length <= 0 || (_count == Most && length <= _shortest)) return;
        if (_count == 1 && _shortest < Short)
        {
            if (length > _shortest) (_all[0], _shortest) = (new Silence(from, to), length);
            return;
        }
        if (_count > 0 && length < Short) return;
        if (_count < Most)
        {
            if (_count == _all.Length) Array.Resize(ref _all, Math.Max(1, 2 * _count));
            _all[_count++] = new Silence(from, to);
        }
        else
        {
            var at = 0;
            while (_all[at].To - _all[at].From != _shortest) at++;
            _all[at] = new Silence(from, to);
        }
        _shortest = _all[0].To - _all[0].From;
        for (var i = 1; i < _count; i++) _shortest = Math.Min(_shortest, _all[i].To - _all[i].From);
    }

    internal readonly IReadOnlyList<Silence> InOrder() => [.. _all.Take(_count).OrderBy(silence => silence.From)];
}
