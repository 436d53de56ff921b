using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Tui;

/// <summary>Sessions and splits as they were judged at one moment, while the analysis goes on.</summary>
public sealed record SessionsSeen(IReadOnlyList<JudgedSession> All, IReadOnlyList<JudgedSplit> Splits)
{
    /// <summary>Dials that nobody answered.</summary>
    public IReadOnlyList<ConnectionAttempt> Attempts { get; init; } = [];

    public static SessionsSeen None { get; } = new([], []);

    public static SessionsSeen Of(JudgedSessions sessions) => new([.. sessions], sessions.Splits) { Attempts = [.. sessions.Attempts] };

    /// <summary>Those of several captures, one after the other.</summary>
    public static SessionsSeen Join(IReadOnlyList<SessionsSeen> parts) =>
        parts.Count == 1 ? parts[0] : new([.. parts.SelectMany(part => part.All)], [.. parts.SelectMany(part => part.Splits)])
        {
            Attempts = [.. parts.SelectMany(part => part.Attempts)],
        };
}
