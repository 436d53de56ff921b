using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Pipeline.Facts;

/// <summary>The facts of one capture by number. Handshakes are kept as bytes, a few hundred each, and read when asked for.</summary>
/// <remarks>Any order of facts fills it in the same way, as long as the facts of one number keep theirs.</remarks>
/// <param name="protocols">The protocols of its handshakes.</param>
/// <param name="limits">How much is kept.</param>
public sealed class FactStore(IReadOnlyList<IHandshakeProtocol> protocols, FactLimits limits)
{
    private readonly SortedDictionary<int, TlsSession> _tlsSessions = [];
    private readonly SortedDictionary<int, EpmdExchange> _epmdExchanges = [];
    private readonly SortedDictionary<int, ConnectionAttempt> _attempts = [];
    private readonly SortedDictionary<int, SilentConnection> _silent = [];

    public PackedHandshakes Handshakes { get; } = new(new FactBytes(protocols));

    public IReadOnlyCollection<TlsSession> TlsSessions => _tlsSessions.Values;

    public IReadOnlyCollection<EpmdExchange> EpmdExchanges => _epmdExchanges.Values;

    public EpmdExchange? EpmdExchange(int number) => _epmdExchanges.GetValueOrDefault(number);

    public IReadOnlyCollection<ConnectionAttempt> Attempts => _attempts.Values;

    public IReadOnlyCollection<SilentConnection> SilentConnections => _silent.Values;

    /// <summary>What followed the handshakes, by the sessions' numbers.</summary>
    public PackedSessions Sessions { get; } = new(new FactBytes(protocols));

    public CaptureTotals Totals { get; private set; } = new();

    /// <summary>Facts that were not kept because a limit was reached.</summary>
    public long Dropped { get; private set; }

    /// <returns>False for a fact that is not kept: a limit was reached, or it revises one that is not kept.</returns>
    public bool Add(Fact fact) => fact switch
    {
        Handshake handshake => Add(handshake),
        ConnectionUpdate update => Handshakes.Update(update),
        TlsSession session => Add(_tlsSessions, session),
        EpmdExchange exchange => Add(_epmdExchanges, exchange),
        ConnectionAttempt attempt => Add(_attempts, attempt),
        SilentConnection silent => Add(_silent, silent),
        Session session => Add(session),
        CaptureTotals totals => (Totals = totals) != null,
        _ => false,
    };

    private bool Add(Handshake handshake)
    {
        if (Handshakes.Size >= limits.MaxHandshakeBytes)
        {
            Dropped++;
            return false;
        }
        Handshakes.Add(handshake);
        return true;
    }

    private bool Add(Session session)
    {
        if (Sessions.Size >= limits.MaxSessionBytes && !Sessions.Contains(session.Number))
        {
            Dropped++;
            return false;
        }
        Sessions.Add(session);
        return true;
    }

    private bool Add<T>(SortedDictionary<int, T> facts, T fact)
        where T : Fact
    {
        if (facts.Count >= limits.MaxSightings && !facts.ContainsKey(fact.Number))
        {
            Dropped++;
            return false;
        }
        facts[fact.Number] = fact;
        return true;
    }
}

/// <summary>How many facts of a capture are kept.</summary>
public sealed record FactLimits
{
    /// <summary>Bytes that finished handshakes take, some 300 each; beyond it new ones are counted only.</summary>
    public long MaxHandshakeBytes { get; init; } = 1024L * 1024 * 1024;

    /// <summary>
    /// Nodes whose flags are remembered for handshakes that do not tell them; what is concluded without them is called inferred.
    /// </summary>
    public int MaxNodeFlags { get; init; } = 100_000;

    /// <summary>TLS sessions, EPMD exchanges, failed connection attempts and silent connections, each.</summary>
    public int MaxSightings { get; init; } = 10_000;

    /// <summary>Bytes that sessions take, some 500 each; beyond it new ones are counted only.</summary>
    public long MaxSessionBytes { get; init; } = 1024L * 1024 * 1024;
}
