namespace PcapAnalyzer.Pipeline.Connections;

/// <summary>The evidence of all handshakes, within <see cref="EvidenceLimits.MaxBytes"/>.</summary>
/// <remarks>One thread at a time, the analyzer's; the frames that it hands out may cross threads.</remarks>
public sealed class EvidenceStore
{
    /// <summary>The share of the budget for connections that are not known to be handshakes: a flood of SYNs costs no evidence.</summary>
    private const int PossibleShare = 4;

    private readonly Dictionary<EvidenceKey, Evidence> _byKey = [];

    /// <summary>Not known to be handshakes (yet), handshakes whose connection is up, and those whose connection is over; each by age.</summary>
    private readonly LinkedList<Evidence> _possible = new(), _open = new(), _over = new();

    private long _possibleSize;

    internal EvidenceStore(EvidenceLimits limits) => Limits = limits;

    internal EvidenceLimits Limits { get; }

    /// <summary>Memory of all frames kept, in bytes.</summary>
    public long Size { get; private set; }

    /// <summary>How often a handshake's frames were given up because there was no room.</summary>
    public long GivenUp { get; private set; }

    /// <summary>Is told of a handshake's frames before they are given up: oldest first, those whose connection is over before others.</summary>
    public Action<Evidence>? GivingUp { get; set; }

    /// <summary>Is told when a handshake's connection is over. Who has no further use for the frames may <see cref="Remove"/> them.</summary>
    public Action<Evidence>? Closed { get; set; }

    /// <summary>The frames of a handshake; null when there are none, or none any more.</summary>
    public Evidence? Of(EvidenceKey key) => _byKey.GetValueOrDefault(key);

    /// <summary>The frames were put to use: they are gone, and not counted as given up.</summary>
    public void Remove(Evidence evidence)
    {
        if (_byKey.GetValueOrDefault(evidence.Key) == evidence) _byKey.Remove(evidence.Key);
        Unlink(evidence);
        evidence.Clear();
    }

    internal Evidence Open() => new(this);

    internal void Identify(Evidence evidence, EvidenceKey key)
    {
        Unlink(evidence);
        _byKey.Remove(evidence.Key);
        evidence.Key = key;
        _byKey[key] = evidence;
        Link(evidence);
    }

    internal void Close(Evidence evidence)
    {
        Unlink(evidence);
        evidence.IsOver = true;
        Link(evidence);
        if (evidence.Key.IsHandshake) Closed?.Invoke(evidence);
        if (evidence.Key == default || (evidence.Size == 0 && evidence.Omitted == 0)) Remove(evidence);
    }

    /// <summary>A frame was added.</summary>
    internal void Grown(Evidence evidence, int bytes)
    {
        if (evidence.Node == null) Link(evidence);
        else Count(evidence, bytes);
        while (_possibleSize > Limits.MaxBytes / PossibleShare) Omit(_possible.First!.Value);
        while (Size > Limits.MaxBytes) GiveUp((_over.First ?? _open.First ?? _possible.First!).Value);
    }

    private void GiveUp(Evidence evidence)
    {
        if (!evidence.Key.IsHandshake)
        {
            Omit(evidence);
            return;
        }
        GivenUp++;
        GivingUp?.Invoke(evidence);
        if (evidence.IsOver) Remove(evidence);
        else
        {
            Unlink(evidence);
            evidence.Clear();
        }
    }

    private void Omit(Evidence evidence)
    {
        Unlink(evidence);
        evidence.Omit();
    }

    /// <summary>Empty ones stand in no list: there may be very many.</summary>
    private void Link(Evidence evidence)
    {
        if (evidence.Size == 0) return;
        evidence.Node = (!evidence.Key.IsHandshake ? _possible : evidence.IsOver ? _over : _open).AddLast(evidence);
        Count(evidence, evidence.Size);
    }

    private void Unlink(Evidence evidence)
    {
        if (evidence.Node is not { } node) return;
        Count(evidence, -evidence.Size);
        node.List!.Remove(node);
        evidence.Node = null;
    }

    private void Count(Evidence evidence, long bytes)
    {
        Size += bytes;
        if (!evidence.Key.IsHandshake) _possibleSize += bytes;
    }
}
