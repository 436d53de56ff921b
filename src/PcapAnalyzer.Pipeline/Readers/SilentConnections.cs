using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;

namespace PcapAnalyzer.Pipeline.Readers;

/// <summary>Tells connections that were open for a while without a byte; bounded.</summary>
internal sealed class SilentConnections(int limit, IFactSink sink)
{
    /// <summary>A shorter one (ns) keeps nobody waiting.</summary>
    private const long Shortest = 1_000_000_000;

    private int _told;

    /// <param name="flow">A connection that is over, or is no longer followed.</param>
    /// <param name="watched">Knows when it ended; null while neither side left.</param>
    /// <param name="now">Time of the last packet of the capture so far.</param>
    internal void Note(ref Connection flow, WatchedConnection? watched, long now)
    {
        if (flow.IsSettled || !flow.HasBothSyns || flow.Low.SeenTo > 0 || flow.High.SeenTo > 0 || flow.DialledByLow is not { } low) return;
        var ended = Math.Min(EndOf(flow, watched, true), EndOf(flow, watched, false));
        var until = Math.Min(ended, now);
        if (until - flow.FirstTime < Shortest || _told >= limit) return;
        sink.Tell(new SilentConnection
        {
            Number = ++_told,
            Initiator = flow.EndpointOf(low),
            Acceptor = flow.EndpointOf(!low),
            Started = flow.FirstTime,
            OpenUntil = until,
            IsClosed = ended != long.MaxValue,
        });
    }

    private static long EndOf(in Connection flow, WatchedConnection? watched, bool low) =>
        (low ? flow.Low : flow.High).HasEnded ? watched?.Marks(low).EndTime ?? flow.LastTime : long.MaxValue;
}
