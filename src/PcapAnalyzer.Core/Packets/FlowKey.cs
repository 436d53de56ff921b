namespace PcapAnalyzer.Core.Packets;

/// <summary>The two endpoints of a conversation in an order of their own, so that both directions have one key.</summary>
/// <remarks>Its hash is seeded by the runtime once a process, so that a stranger cannot aim flows at one bucket.</remarks>
public readonly record struct FlowKey
{
    private FlowKey(Endpoint low, Endpoint high)
    {
        Low = low;
        High = high;
    }

    public Endpoint Low { get; }

    public Endpoint High { get; }

    /// <param name="fromLow">True when <paramref name="source"/> is the lower endpoint.</param>
    public static FlowKey Of(in Endpoint source, in Endpoint destination, out bool fromLow)
    {
        fromLow = source.CompareTo(destination) <= 0;
        return fromLow ? new FlowKey(source, destination) : new FlowKey(destination, source);
    }

    public bool Equals(FlowKey other) =>
        Low.Low == other.Low.Low && High.Low == other.High.Low && Low.Port == other.Low.Port && High.Port == other.High.Port
        && Low.High == other.Low.High && High.High == other.High.High;

    public override int GetHashCode() =>
        HashCode.Combine(Low.Low, High.Low, Low.High, High.High, ((uint)Low.Port << 16) | High.Port);
}
