using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Tui;

/// <summary>The text for an empty list: what is happening, and what to do.</summary>
public static class EmptyList
{
    public static IReadOnlyList<IReadOnlyList<InkRun>> Rows(CaptureSession session, int total, int width) =>
        [.. Lines(session, total).SelectMany(line => CellText.Wrap(line.Text, width - 1, " ", " ")
            .Select(text => (IReadOnlyList<InkRun>)[new InkRun(text, line.Ink)]))];

    private static InkRun[] Lines(CaptureSession session, int total)
    {
        if (total > 0) return [new("No handshake passes the filter.  ctrl-x  shows all again", Ink.Warn)];
        if (session.Failure is { } why) return [new($"✗ {ReportText.Safe(why, 500)}", Ink.Bad)];
        var packets = session.Packets;
        if (session.WhyEmpty is { } reason)
        {
            return
            [
                new($"{packets} packets, and no handshake in them.", Ink.Warn),
                new(reason, Ink.Quiet),
                new("i  tells what was seen beside handshakes", Ink.Quiet),
            ];
        }
        if (!session.IsLive) return [new("Reading…", Ink.Quiet)];
        return packets == 0
            ? [new("Nothing arrives yet.", Ink.Warn),
                new("Node traffic between containers or on one host: try  -i any  or  -i lo", Ink.Quiet)]
            :
            [
                new($"{packets} packets, {session.OpenConversations} conversations open, no handshake yet.", Ink.Warn),
                new("Connections that were open when the capture began have theirs behind them: restart a node, or disconnect it, to see "
                    + "one.", Ink.Quiet),
            ];
    }
}
