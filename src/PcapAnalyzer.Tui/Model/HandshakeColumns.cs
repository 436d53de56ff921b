using System.Globalization;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Tui;

/// <summary>A column of the list. The list can be sorted by each of them.</summary>
public enum HandshakeColumn
{
    Glyph,
    Number,
    Time,
    Protocol,
    Who,
    Initiator,
    Acceptor,
    Outcome,
    Took,
    Proofs,
    Diagnosis,
    Endpoints,
    Frames,
}

/// <summary>The columns of the list. The widest terminals show all. A column without room is left out, never squeezed.</summary>
public static class HandshakeColumns
{
    /// <param name="Width">Width in cells, including the gap after the text.</param>
    public readonly record struct Place(HandshakeColumn Column, int X, int Width);

    /// <summary>The columns that fit into this many cells.</summary>
    public static IReadOnlyList<Place> For(int width)
    {
        (HandshakeColumn Column, int Width)[] columns = width switch
        {
            < 72 => [(HandshakeColumn.Glyph, 3), (HandshakeColumn.Time, 6), (HandshakeColumn.Who, 0), (HandshakeColumn.Took, 9),
                (HandshakeColumn.Diagnosis, 17)],
            < 132 => [(HandshakeColumn.Glyph, 3), (HandshakeColumn.Time, 9), (HandshakeColumn.Who, 0), (HandshakeColumn.Took, 9),
                (HandshakeColumn.Proofs, 7), (HandshakeColumn.Diagnosis, width < 100 ? 19 : 28)],
            _ =>
            [
                (HandshakeColumn.Glyph, 3), (HandshakeColumn.Number, 7), (HandshakeColumn.Time, 13), (HandshakeColumn.Protocol, 9),
                    (HandshakeColumn.Initiator, 0), (HandshakeColumn.Acceptor, 0),
                (HandshakeColumn.Outcome, 22), (HandshakeColumn.Took, 9), (HandshakeColumn.Proofs, 7), (HandshakeColumn.Diagnosis, 28),
            ],
        };
        if (width >= 190) columns = [.. columns, (HandshakeColumn.Endpoints, 44), (HandshakeColumn.Frames, 9)];
        var (room, sharing) = (width - columns.Sum(column => column.Width), columns.Count(column => column.Width == 0));
        var places = new List<Place>();
        var x = 0;
        foreach (var (column, wanted) in columns)
        {
            var cells = wanted > 0 ? wanted : room / sharing;
            places.Add(new Place(column, x, cells));
            x += cells;
        }
        return places;
    }

    /// <param name="isLocal">Times are local ones, not UTC.</param>
    public static IReadOnlyList<InkRun> Header(int width, HandshakeColumn order, bool isDescending, bool isLocal = false) =>
        [.. from place in For(width)
            let name = place.Column == HandshakeColumn.Time ? isLocal ? "local" : "UTC" : Title(place.Column)
            let title = place.Column == order ? $"{name}{(isDescending ? '▾' : '▴')}" : name
            select new InkRun(CellText.Fit(title, place.Width), Ink.Quiet)];

    /// <param name="times">Number of attempts that the row represents.</param>
    /// <param name="isOpen">The handshake is still in progress.</param>
    /// <param name="zone">The time zone of its time; null for UTC.</param>
    public static IReadOnlyList<InkRun> Row(JudgedHandshake report, int width, int times = 1, bool isOpen = false, bool isMarked = false,
        TimeZoneInfo? zone = null)
    {
        var runs = new List<InkRun>();
        var ink = isOpen ? Ink.Accent : report.Severity().Ink();
        foreach (var place in For(width))
        {
            if (place.Column == HandshakeColumn.Glyph)
                runs.Add(new InkRun($"{(isMarked ? '▌' : ' ')}{(isOpen ? "»" : report.Outcome.Glyph())} ", ink));
            else if (place.Column == HandshakeColumn.Proofs)
                runs.AddRange([Proof(report, Role.Initiator), Proof(report, Role.Acceptor),
                    new InkRun(new string(' ', place.Width - 2), Ink.Plain)]);
            else
            {
                var text = place.Column == HandshakeColumn.Time ? TimeOfDay(report.Started, width, zone)
                    : Text(place.Column, report, times, isOpen);
                runs.Add(new InkRun($"{CellText.Fit(text, place.Width - 1)} ", InkOf(place.Column, ink)));
            }
        }
        return runs;
    }

    /// <summary>Sorts handshakes by a column. Handshakes with equal values keep their order.</summary>
    /// <param name="byTime">The numbers of the handshakes, ordered by time.</param>
    /// <param name="of">Returns the handshake with a number.</param>
    public static IEnumerable<int> InOrder(HandshakeColumn column, IEnumerable<int> byTime, Func<int, JudgedHandshake> of) => column switch
    {
        HandshakeColumn.Time => byTime,
        HandshakeColumn.Number => byTime.Order(),
        HandshakeColumn.Took => byTime.OrderBy(id => of(id).Duration),
        HandshakeColumn.Glyph => byTime.OrderByDescending(id => of(id).Severity()),
        HandshakeColumn.Frames => byTime.OrderBy(id => FirstFrame(of(id))),
        // Many handshakes share a value, so sorting groups is far less work than sorting handshakes.
        _ => byTime.GroupBy(id => Key(column, of(id)))
            .OrderBy(group => group.Key.Item1, StringComparer.Ordinal).ThenBy(group => group.Key.Item2, StringComparer.Ordinal)
                .SelectMany(group => group),
    };

    private static string Title(HandshakeColumn column) => column switch
    {
        HandshakeColumn.Glyph => "",
        HandshakeColumn.Number => "#",
        HandshakeColumn.Who => "initiator → acceptor",
        _ => column.Kebab(),
    };

    private static Ink InkOf(HandshakeColumn column, Ink severity) => column switch
    {
        HandshakeColumn.Outcome or HandshakeColumn.Diagnosis => severity == Ink.Good ? Ink.Plain : severity,
        HandshakeColumn.Time or HandshakeColumn.Took or HandshakeColumn.Endpoints or HandshakeColumn.Frames or HandshakeColumn.Number
            => Ink.Quiet,
        _ => Ink.Plain,
    };

    private static string Text(HandshakeColumn column, JudgedHandshake report, int times, bool isOpen) => column switch
    {
        HandshakeColumn.Number => $"{report.Id}",
        HandshakeColumn.Protocol => report.Protocol.Name,
        HandshakeColumn.Who => $"{report.Initiator.Shown} → {report.Acceptor.Shown}{Repeated(times)}",
        HandshakeColumn.Initiator => report.Initiator.Shown,
        HandshakeColumn.Acceptor => $"{report.Acceptor.Shown}{Repeated(times)}",
        HandshakeColumn.Outcome => isOpen ? "under way" : report.Outcome.Kebab(),
        HandshakeColumn.Took => $"{(report.Duration == 0 ? "0" : Durations.Text(report.Duration))}{(isOpen ? "…" : "")}",
        HandshakeColumn.Proofs => $"{Proof(report, Role.Initiator).Text}{Proof(report, Role.Acceptor).Text}",
        HandshakeColumn.Diagnosis => isOpen ? "" : report.Diagnosis.Code == DiagnosisCode.Ok
            ? $"both proved {ReportText.Safe(report.Proofs[0].Cookie!)}" : report.Diagnosis.Code.Kebab(),
        HandshakeColumn.Endpoints => $"{report.Initiator.Endpoint} → {report.Acceptor.Endpoint}",
        HandshakeColumn.Frames => FirstFrame(report) == 0 ? "" : $"#{FirstFrame(report)}",
        _ => "",
    };

    private static (string, string) Key(HandshakeColumn column, JudgedHandshake report) => column switch
    {
        HandshakeColumn.Who => (report.Initiator.Called, report.Acceptor.Called),
        HandshakeColumn.Initiator => (report.Initiator.Called, ""),
        HandshakeColumn.Acceptor => (report.Acceptor.Called, ""),
        HandshakeColumn.Proofs => (Verdict(report, Role.Initiator), Verdict(report, Role.Acceptor)),
        HandshakeColumn.Diagnosis => (report.Diagnosis.Code == DiagnosisCode.Ok ? "" : report.Diagnosis.Code.Kebab(), ""),
        HandshakeColumn.Endpoints => (report.Initiator.Endpoint.ToString(), report.Acceptor.Endpoint.ToString()),
        _ => (Text(column, report, 1, false), ""),
    };

    private static string Repeated(int times) => times > 1 ? $"  ×{times}" : "";

    private static long FirstFrame(JudgedHandshake report) => report.Messages.Count > 0 && report.Messages[0].Frames.Count > 0
        ? report.Messages[0].Frames[0] : 0;

    private static string Verdict(JudgedHandshake report, Role by) => report.ProofBy(by)?.Verdict.Kebab() ?? "";

    private static InkRun Proof(JudgedHandshake report, Role by) => (report.ProofBy(by)?.Verdict).Glyph();

    private static string TimeOfDay(long time, int width, TimeZoneInfo? zone)
    {
        var (ticks, _) = Math.DivRem(time, 100);
        var moment = DateTime.UnixEpoch.AddTicks(Math.Clamp(ticks, 0, TimeSpan.TicksPerDay * 2_900_000));
        if (zone != null) moment = TimeZoneInfo.ConvertTimeFromUtc(moment, zone);
        return moment.ToString(width < 72 ? "HH:mm" : width < 132 ? "HH:mm:ss" : "HH:mm:ss.fff", CultureInfo.InvariantCulture);
    }
}
