using System.Text;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Tui;

/// <summary>Saves files, and copies text to the clipboard.</summary>
internal sealed class Export(TimelineWindow window, DetailModel detail)
{
    /// <summary>Numbers of the handshakes whose packets were saved.</summary>
    private readonly HashSet<int> _saved = [];

    /// <summary>Number of handshakes whose packets are in no file.</summary>
    internal int Unsaved => Session.IsKept ? 0 : window.Model.Total - _saved.Count;

    private CaptureSession Session => window.Session;

    private JudgedHandshake? Selected => window.Model.Selected;

    internal void AskForReport() => AskForFile("Save the report as JSON", ".json", path => Save(path, $"Saved to {path}", () =>
        Session.WithReport(report => window.Actions.WriteFile(path, stream => JsonReport.Write(report, stream)))));

    internal void AskForText() => AskForFile("Save the report as text", ".txt", path => Save(path, $"Saved to {path}", () =>
        Session.WithReport(report => window.Actions.WriteFile(path, stream =>
        {
            using var writer = new StreamWriter(stream, leaveOpen: true);
            TextReport.Write(report, writer, new TextStyle(false, TextDetail.Normal));
        }))));

    internal void AskForPackets() => AskForFile("Save the packets as pcapng", ".pcapng", path =>
        SavePackets(path, window.Model.Marked.Count > 0 ? window.Model.Marked : [window.Model.SelectedId]));

    internal void AskForAllPackets() => AskForFile("Save the packets of all handshakes as pcapng", ".pcapng", path =>
        SavePackets(path, [.. window.Model.All.Select(report => report.Id)]));

    internal void CopyField() => Copy(detail.Field is { } field ? $"{field.Name} {field.Text}".TrimEnd() : "");

    internal void CopyFilter() => Copy(Selected is { } report ? DisplayFilter.Of(report) : "");

    internal void CopyText()
    {
        var text = new StringBuilder();
        if (Selected is { } report)
        {
            var style = new LadderStyle { Time = window.Ladder.Time, LocalOffset = window.Ladder.LocalOffset };
            var rows = LadderDrawing.Draw(report, style, window.List.Rows.SessionOf(report.Id)).Select(row => row.Runs)
                .Concat(DiagnosisText.Rows(report, 80, int.MaxValue));
            foreach (var row in rows) text.AppendLine(string.Concat(row.Select(run => run.Text)).TrimEnd());
        }
        Copy(text.ToString());
    }

    internal void CopyBytes() => Copy(detail is { Tree: { } tree, Field: { Offset: >= 0 } field }
        ? Convert.ToHexStringLower(tree.Bytes.AsSpan(field.Offset, Math.Min(field.Length, tree.Bytes.Length - field.Offset))) : "");

    private void Copy(string text)
    {
        if (text.Length == 0)
        {
            window.Status.Say("Nothing is selected that could be copied", Ink.Warn);
            return;
        }
        // OSC 52: the terminal puts the text into its clipboard, even over ssh.
        window.App?.Driver?.GetOutput().Write($"\e]52;c;{Convert.ToBase64String(Encoding.UTF8.GetBytes(text))}\a");
        var lines = text.AsSpan().TrimEnd().Count('\n') + 1;
        window.Status.Say(lines > 1 ? $"Copied {lines} lines" : $"Copied: {ReportText.Safe(text.TrimEnd(), 200)}", Ink.Good);
    }

    /// <summary>Asks for a file name, and asks again before it replaces an existing file.</summary>
    private void AskForFile(string title, string ending, Action<string> save)
    {
        var replaces = "";
        window.Popups.Ask(title, "file", $"{Path.GetFileNameWithoutExtension(Session.Title.Split(' ')[^1])}-report{ending}", save, path =>
        {
            if (path == replaces || !window.Actions.Exists(path)) return null;
            replaces = path;
            return "is there already: enter again replaces it";
        });
    }

    private void SavePackets(string path, IReadOnlyCollection<int> ids)
    {
        var reports = ids.Order().Select(window.Model.ById).OfType<JudgedHandshake>().ToList();
        var packets = reports.SelectMany(Session.PacketsOf).OrderBy(packet => packet.Frame.Time).ToList();
        if (packets.Count == 0) window.Status.Say("Their packets are not kept any more: nothing is written", Ink.Warn);
        else Save(path, $"Saved {packets.Count} packets of {reports.Count} handshake{(reports.Count == 1 ? "" : "s")} to {path}", () =>
            window.Actions.WritePackets(path, packets), () => _saved.UnionWith(reports.Select(report => report.Id)));
    }

    /// <summary>Saves off the screen's thread, because a large report or a slow disk takes seconds.</summary>
    /// <param name="then">Runs on the screen's thread after success.</param>
    private void Save(string path, string done, Action write, Action? then = null)
    {
        window.Status.Say($"Saving {path}…", Ink.Accent);
        Task.Run(() =>
        {
            var (said, ink) = (done, Ink.Good);
            try
            {
                write();
            }
            catch (Exception problem)
            {
                (said, ink) = (problem.Message, Ink.Bad);
            }
            window.App?.Invoke(() =>
            {
                if (ink == Ink.Good) then?.Invoke();
                window.Status.Say(said, ink);
                window.ShowAll();
            });
        });
    }
}
