using System.Text;

namespace PcapAnalyzer.Pipeline.Protocols.Erlang;

/// <summary>One string for each atom of a capture, so that sessions share them; bounded.</summary>
internal sealed class AtomNames
{
    private const int MaxNames = 65_536;
    private const int MaxLength = 255;

    /// <summary>The atoms of the message under way, by their index in its header.</summary>
    internal readonly string?[] References = new string?[255];

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    internal string Of(ReadOnlySpan<byte> text, bool isUtf8)
    {
        Span<char> chars = stackalloc char[MaxLength * 4];
        if (text.Length > chars.Length) text = text[..chars.Length];
        var name = chars[..(isUtf8 ? Encoding.UTF8 : Encoding.Latin1).GetChars(text, chars)];
        var lookup = _names.GetAlternateLookup<ReadOnlySpan<char>>();
        if (lookup.TryGetValue(name, out var known)) return known;
        if (_names.Count < MaxNames) lookup.Add(name);
        return lookup.TryGetValue(name, out known) ? known : name.ToString();
    }
}

/// <summary>The atom cache of one direction: what earlier messages of it spelled out. Few of its 2,048 places are used.</summary>
internal sealed class AtomCache
{
    private ushort[] _places = [];
    private string?[] _names = [];
    private int _count;

    internal string? this[int place]
    {
        get => _places.AsSpan(0, _count).IndexOf((ushort)place) is >= 0 and var at ? _names[at] : null;
        set
        {
            var at = _places.AsSpan(0, _count).IndexOf((ushort)place);
            if (at < 0)
            {
                if (_count == _places.Length)
                {
                    Array.Resize(ref _places, Math.Max(8, 2 * _count));
                    Array.Resize(ref _names, _places.Length);
                }
                at = _count++;
                _places[at] = (ushort)place;
            }
            _names[at] = value;
        }
    }
}

/// <summary>The atoms that one message refers to by their index in its header.</summary>
internal readonly ref struct AtomReferences(AtomNames names, ReadOnlySpan<string?> atoms)
{
    private readonly ReadOnlySpan<string?> _atoms = atoms;

    internal AtomNames Names { get; } = names;

    internal string? Of(int index) => index < _atoms.Length ? _atoms[index] : null;
}
