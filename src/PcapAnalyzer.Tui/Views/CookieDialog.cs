using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Tui;

/// <summary>Adds a cookie, typed hidden or read from a file as Erlang reads it, and shows what the cookies proved.</summary>
internal sealed class CookieDialog(TimelineWindow window)
{
    private bool _isFile;

    private CaptureSession Session => window.Session;

    internal void Ask()
    {
        var popup = window.Popups.New("Add a cookie");
        popup.AddField(_isFile ? "file" : "cookie", isSecret: !_isFile, text: _isFile ? "~/.erlang.cookie" : "");
        popup.AddField("label", text: NextLabel);
        void Tell()
        {
            var text = popup[0];
            var spaces = text.Length - text.Trim().Length;
            var ends = spaces > 0 ? $", {spaces} of them spaces at an end: kept, are they meant?" : "";
            var what = _isFile ? "read as Erlang reads it: what stands before the first line's end"
                : $"{text.Length} character{(text.Length == 1 ? "" : "s")}{ends}";
            var total = window.Model.Total;
            popup.Show(
            [
                [new($" {what}", spaces > 0 ? Ink.Warn : Ink.Quiet)],
                [new($" enter  verifies {total} handshake{(total == 1 ? "" : "s")} again · ctrl-f  "
                    + $"{(_isFile ? "type it" : "from a file")}", Ink.Quiet)],
            ]);
        }
        popup.Typed = Tell;
        popup.Switched = () =>
        {
            _isFile = !_isFile;
            Ask();
        };
        popup.Accepted = () => Add(popup);
        popup.AddButton("Cancel", window.Popups.Close);
        popup.AddButton("Verify", () => Add(popup));
        window.Popups.Open(popup, 68, 2);
        Tell();
    }

    internal void ShowAll()
    {
        var proved = window.Model.All
            .SelectMany(report => report.Proofs.Where(proof => proof.Cookie != null)
                .Select(proof => (proof.Cookie, report.Peer(proof.By).Node)))
            .ToLookup(pair => pair.Cookie!, pair => pair.Node ?? "?");
        string By(string label) => proved[label].Any()
            ? string.Join(", ", proved[label].Distinct().Order().Select(node => ReportText.Safe(node))) : "nobody";
        var lines = Session.Ring.Cookies.Select(cookie => $"{ReportText.Safe(cookie.Label)}: proved by {By(cookie.Label)}").ToList();
        window.Popups.ShowText("Cookies and what they proved", lines.Count > 0 ? lines
            : ["No cookie was given: nothing can be verified. c adds one."]);
    }

    private string NextLabel => $"cookie-{Session.Ring.Cookies.Count + 1}";

    private void Add(Popup popup)
    {
        var (text, label) = (popup[0], popup[1].Trim());
        if (text.Length == 0) return;
        if (label.Length == 0) label = NextLabel;
        window.Popups.Close();
        try
        {
            if (window.Model.IsPaused) window.Control.TogglePause(); // so that the user sees the result
            var cookie = _isFile ? Cookie.FromFile(label, window.Actions.ReadFile(text.Trim())) : Cookie.FromText(label, text);
            var before = Verified().ToHashSet();
            window.Status.Say($"Verifying {window.Model.Total} handshakes with {ReportText.Safe(label)}…", Ink.Accent);
            // Off the screen's thread: a hundred thousand handshakes take seconds.
            Task.Run(() =>
            {
                Session.Add(cookie);
                Session.Rejudge();
                window.App?.Invoke(() => Tell(label, before));
            });
        }
        catch (Exception problem)
        {
            window.Status.Say(problem.Message, Ink.Bad);
        }
    }

    private void Tell(string label, HashSet<int> before)
    {
        window.Model.Apply(Session.TakeChanges());
        var now = Verified().Where(id => !before.Contains(id)).Order().ToList();
        var some = string.Join(", ", now.Take(5).Select(id => $"#{id}"));
        if (now.Count == 0) window.Status.Say($"{label} verifies nothing new", Ink.Warn);
        else window.Status.Say($"{(now.Count > 5 ? $"{some} and {now.Count - 5} more" : some)} now verified with {label}", Ink.Good);
        window.ShowAll();
    }

    private IEnumerable<int> Verified() =>
        window.Model.All.Where(report => report.Proofs.Any(proof => proof.IsVerified)).Select(report => report.Id);
}
