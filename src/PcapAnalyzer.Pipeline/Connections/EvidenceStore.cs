namespace PcapAnalyzer.Pipeline.Connections;

/// <summary>The evidence of all handshakes, within <see cref="EvidenceLimits.MaxBytes"/>.</summary>
/// <remarks>For the analyzer's thread. The frames that it hands out may cross threads.</remarks>
public sealed class EvidenceStore
{
    /// <summary>
    /// Connections that are not known to be handshakes get this part of the memory, so that a flood of SYNs costs no evidence.
    /// </summary>
    private const int PossibleShare = 4;

    private readonly Dictionary<EvidenceKey, Evidence> _byKey = [];

    /// <summary>
    /// By age: connections that may become handshakes, handshakes whose connection is up, handshakes whose connection is over.
    /// </summary>
    private readonly LinkedList<Evidence> _possible = new(), _open = new(), _over = new();

    private long _possibleSize;

    internal EvidenceStore(EvidenceLimits limits) => Limits = limits;

    internal EvidenceLimits Limits { get; }

    /// <summary>Memory of all frames kept, in bytes.</summary>
    public long Size { get; private set; }

    /// <summary>Handshakes whose frames were given up because the limit was reached.</summary>
    public long GivenUp { get; private set; }

    /// <summary>
    /// Is told before a handshake's frames are given up: the oldest first, handshakes whose connection is over before others.
    /// </summary>
    public Action<Evidence>? GivingUp { get; set; }

    /// <summary>Is told when a handshake's connection is over. It may <see cref="Remove"/> the frames.</summary>
    public Action<Evidence>? Closed { get; set; }

    /// <summary>The frames of a handshake or TLS session; null when none are kept.</summary>
    public Evidence? Of(EvidenceKey key) => _byKey.GetValueOrDefault(key);

    /// <summary>Forgets frames that are no longer needed. They do not count as given up.</summary>
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

    /// <summary>Evidence without frames is in no list: there may be very much of it.</summary>
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
