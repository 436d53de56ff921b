using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Tui;

/// <summary>The popups to read or to choose from: keys, commands, an explanation, what was captured.</summary>
internal sealed class ReadingPopups(TimelineWindow window)
{
    private static readonly string[] Signs =
    [
        "   ✓ established  ✗ authentication failed  ⊘ rejected  ○ closed",
        "   ◐ incomplete  ! violation  ▒ encrypted  » under way",
        "   proofs, initiator's and acceptor's: ✓ verified  ✗ fits no cookie",
        "   ∅ no cookie given  ? cannot be checked  · not sent",
        "   time: ━ connected  ░ silent  ◷ given up  | FIN  ✗ RST or failed  ▸ open",
        "   gap: a cell a decade, from ━ 0.1 ms to ━━━━━━ 10 s",
    ];

    internal void ShowKeys()
    {
        var rows = new List<IReadOnlyList<InkRun>>();
        var width = Math.Min(Popups.UsualWidth, window.Viewport.Width - 6) - 27;
        foreach (var menu in KeyMap.Menus)
        {
            rows.Add([new($" {menu}", Ink.Strong)]);
            foreach (var command in KeyMap.Commands.Where(command => command.Menu == menu))
                rows.AddRange(CellText.Wrap(command.Title, width).Select((line, index) =>
                    (IReadOnlyList<InkRun>)[new($"   {CellText.Fit(index == 0 ? string.Join("  ", command.Keys) : "", 24)}", Ink.Accent),
                        new(line, Ink.Plain)]));
        }
        rows.Add([new(" Glyphs", Ink.Strong)]);
        foreach (var sign in Signs) rows.Add([new(sign, Ink.Plain)]);
        window.Popups.ShowRows("Keys", rows);
    }

    internal void ShowPalette()
    {
        var popup = window.Popups.New("Commands", canChoose: true);
        popup.AddField(":");
        IReadOnlyList<AppCommand> found = [];
        void Tell()
        {
            var words = popup[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            found = [.. KeyMap.Commands.Where(command =>
                words.All(word => $"{command.Name} {command.Title}".Contains(word, StringComparison.OrdinalIgnoreCase)))];
            popup.Show([.. found.Select(command => (IReadOnlyList<InkRun>)
            [
                new($" {CellText.Fit(command.Name, 20)}", Ink.Accent), new($" {CellText.Fit(command.Title, 43)}", Ink.Plain),
                    new($"{command.Keys[0],8}", Ink.Quiet),
            ])]);
        }
        popup.Typed = Tell;
        popup.Accepted = () =>
        {
            var chosen = popup.Chosen;
            if (chosen < 0) return;
            window.Popups.Close();
            window.Do(found[chosen]);
        };
        window.Popups.Open(popup, Popups.UsualWidth, 16);
        Tell();
    }

    internal void ShowExplanation()
    {
        if (window.Model.Selected is not { } report) return;
        var code = report.Diagnosis.Code.Kebab();
        var explanation = Explanation.All.FirstOrDefault(one => one.Code == code);
        window.Popups.ShowText(code, explanation == null ? ["There is no explanation of this one."]
            : [explanation.Title, "", .. explanation.Text.Split('\n')]);
    }

    /// <summary>Builds the text off the screen's thread, because judging all handshakes may take seconds.</summary>
    internal void ShowCapture() => Task.Run(() =>
    {
        var lines = new List<string>();
        window.Session.WithReport(report => lines.AddRange(Lines(report)));
        window.App?.Invoke(() => window.Popups.ShowText("What was captured", lines));
    });

    private IEnumerable<string> Lines(CaptureReport report)
    {
        foreach (var source in report.Sources)
        {
            yield return $"{source.Kind} {ReportText.Safe(source.Name)}: {source.Packets} packets, {source.Bytes} bytes, {source.Dropped} "
                + "dropped";
            foreach (var problem in source.Problems) yield return $"  {ReportText.Safe(problem.Detail, 300)}";
        }
        var numbers = report.Statistics;
        yield return $"{window.Session.Packets} packets, {numbers.TcpSegments} TCP segments, {numbers.Conversations} conversations, "
            + $"{numbers.TlsSessions} of them TLS, {numbers.UndecodedPackets} packets not decoded";
        foreach (var finding in report.Findings)
        {
            yield return "";
            yield return $"{finding.Code.Kebab()}: {ReportText.Safe(finding.Summary, 400)}";
            yield return $"→ {ReportText.Safe(finding.Remedy, 400)}";
        }
    }
}
