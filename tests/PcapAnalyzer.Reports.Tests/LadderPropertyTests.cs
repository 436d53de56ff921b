using System.Text;
using CsCheck;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Reports.Tests;

/// <summary>What holds of every drawing, of handshakes that make sense and of those that do not.</summary>
public sealed class LadderPropertyTests
{
    private const long Epoch = 1_700_000_000_000_000_000;

    private static readonly Gen<string> AnyRole = Gen.OneOf("initiator", "acceptor");

    /// <summary>Seconds: moments, silences, days, and times before the start.</summary>
    private static readonly Gen<decimal> AnyTime = Gen.OneOf(Gen.Long[0, 50_000_000], Gen.Long[0, 20_000_000_000], Gen.Long[-1_000_000, 400_000_000_000_000]).Select(nanoseconds => nanoseconds / 1_000_000_000m);

    private static readonly Gen<IReadOnlyList<long>> AnyFrames = Gen.Long[1, 9_999_999_999].Array[0, 4].Select(frames => (IReadOnlyList<long>)frames);

    private static readonly Gen<PeerReport> AnyPeer = Gen.Select(HostileText.Any.Null(), Gen.OneOf("10.0.0.1:4400", "[2001:db8:1111:2222:3333:4444:5555:6666]:65535"), Gen.OneOf("OTP 25 to 27", null!))
        .Select((node, endpoint, release) => new PeerReport { Node = node, Endpoint = endpoint, Release = release });

    private static readonly Gen<MessageReport> AnyMessage = Gen.Select(
        Gen.OneOf("name", "status", "client-status", "challenge", "complement", "challenge-reply", "challenge-ack"), AnyRole, AnyTime, AnyFrames, HostileText.Any, Gen.Bool, Gen.Bool, (type, from, time, frames, text, cut, conflict) => new MessageReport
        {
            Type = type,
            From = from,
            Time = "",
            SinceStart = time,
            Frames = frames,
            Length = 10,
            Cut = cut ? true : null,
            Conflict = conflict ? true : null,
            Fields = new MessageFields([.. ((string[])["node", "status", "challenge", "connectionString", "assignedNode"]).Select(name => new MessageField(name, new FieldValue.Text(text), 0, 1))]),
        });

    private static readonly Gen<DigestReport> AnyDigest = Gen.Select(AnyRole, Gen.OneOf("verified", "mismatch", "no-cookie", "no-challenge", "not-verifiable"), HostileText.Any, Gen.Int[0, 3])
        .Select((by, verdict, cookie, tried) => new DigestReport { By = by, Verdict = verdict, Cookie = cookie, Tried = tried, Scheme = "md5-erlang" });

    private static readonly Gen<AnomalyReport> AnyAnomaly = Gen.Select(Gen.OneOf("out-of-order-message", "tls-record"), AnyRole, HostileText.Any, Gen.Long[0, 9], AnyTime)
        .Select((kind, by, text, frame, time) => new AnomalyReport(kind, by, text, text, frame, time));

    private static readonly Gen<TransferReport> AnyTransfer = Gen.Select(Gen.OneOf("missing-bytes", "retransmission", "out-of-order"), AnyRole, Gen.Long[1, 1L << 40], Gen.Int[0, 9], AnyTime, AnyTime, Gen.Long[1, 99])
        .Select((kind, by, count, before, time, span, frame) => kind == "missing-bytes" ? new TransferReport(kind, by, count, before, null, null, null) : new TransferReport(kind, by, count, null, time, time + Math.Abs(span), frame));

    private static readonly Gen<ConnectionReport> AnyConnection = Gen.Select(
        Gen.Select(AnyTime.Nullable(), AnyTime.Nullable(), Gen.Int[0, 9]).Select((syn, answer, syns) => syn == null && answer == null ? null : new OpenedReport(syn, answer, syns)),
        AnyRole.Null(0.7), AnyTransfer.Array[0, 5], Gen.Select(AnyRole, Gen.OneOf("fin", "rst"), AnyTime, Gen.Long[0, 99_999]).Select((by, how, time, frame) => new DepartureReport(by, how, time, frame)).Array[0, 2],
        Gen.Long[0, 1L << 50].Array[2], Gen.Long[0, 20_000_000_000].Array[2], Gen.Bool, (opened, notCaptured, transfer, left, bytes, last, isQuiet) => new ConnectionReport
        {
            Syn = opened?.Syn != null,
            Opened = opened,
            NotCaptured = notCaptured,
            Retransmissions = 0,
            OutOfOrder = 0,
            Overlaps = 0,
            MissingBytes = 0,
            Transfer = transfer,
            Close = left.Length == 0 ? "open" : left[0].How,
            ClosedBy = left.Length == 0 ? null : left[0].By,
            Left = left.Length == 0 ? null : left,
            BytesAfter = isQuiet ? new BytesAfterReport(0, 0) : new BytesAfterReport(bytes[0], bytes[1]),
            LastByte = new LastByteReport(null, null) { InitiatorTime = isQuiet ? 0 : Epoch + last[0], AcceptorTime = Epoch + last[1] },
            LastPacket = "",
        });

    private static readonly Gen<HandshakeReport> AnyHandshake = Gen.Select(
        Gen.OneOf("established", "authentication-failed", "rejected", "closed", "incomplete", "protocol-violation", "encrypted"),
        Gen.OneOf("ok", "cookie-mismatch", "peer-silent", "tls-to-plain", "encrypted", "simultaneous-connect"), AnyPeer, AnyPeer, AnyMessage.Array[0, 8],
        Gen.Select(AnyDigest.Array[0, 2], AnyAnomaly.Array[0, 3], AnyTime, Gen.Long[0, 60_000_000_000]), AnyConnection, HostileText.Any, (outcome, code, initiator, acceptor, messages, more, connection, text) => new HandshakeReport
        {
            Id = 1,
            Revision = 1,
            Protocol = "erlang",
            Outcome = outcome,
            Initiator = initiator,
            Acceptor = acceptor,
            Started = "",
            StartedAt = Epoch,
            SeenUntil = Epoch + more.Item4,
            WaitLimit = new WaitLimit(7_000_000_000, "net_setuptime is"),
            Duration = 0,
            Lookup = messages.Length % 2 == 0 ? null : new LookupReport(text, "10.0.0.1:4369", "", -Math.Abs(more.Item3), 7),
            Status = "nok",
            Messages = messages,
            Digests = more.Item1,
            NearMiss = messages.Length == 3 ? new NearMissReport("initiator", text, "trailing-newline") : null,
            Anomalies = more.Item2.Length == 0 ? null : more.Item2,
            Diagnosis = new DiagnosisReport { Code = code, Summary = text, Remedy = text, Certainty = "proven", Frames = [1, 2, 3], Logs = [text] },
            Connection = connection,
        });

    private static readonly Gen<LadderStyle> AnyStyle = Gen.Select(Gen.Int[0, 250], Gen.Int[0, 40], Gen.Enum<LadderTime>(), Gen.Bool, Gen.Long[0, 60_000_000_000], Gen.Bool)
        .Select((width, height, time, ascii, now, isLive) => new LadderStyle { Width = width, Height = height, Time = time, IsAscii = ascii, Now = isLive ? Epoch + now : null });

    [Fact]
    public void Every_drawing_keeps_to_its_cells() => Gen.Select(AnyHandshake, AnyHandshake, AnyStyle).Sample((one, other, style) =>
    {
        foreach (var rows in (IReadOnlyList<LadderRow>[])[LadderDrawing.Draw(one, style), LadderDrawing.DrawPair(one, other, style)])
        {
            AssertCells(rows.Select(row => row.Runs), style);
            AssertLifelines(rows, style);
            Assert.All(rows, row => Assert.True(row.Message == null || row.Message < (row.IsOther ? other : one).Messages.Count));
            Assert.All(rows, row => Assert.Equal(row.Frames.Count > 0, row.IsStep));
        }
        Assert.Equal(one.Messages.Count, LadderDrawing.Draw(one, style).Count(row => row.Message != null));
        AssertCells(DiagnosisText.Rows(one, style.Width), style with { IsAscii = false });
        Assert.True(DiagnosisText.Rows(one, style.Width, style.Height).Count <= style.Height);
    });

    [Fact]
    public void Rows_stand_in_the_order_of_time() => AnyHandshake.Sample(one =>
    {
        var steps = LadderSteps.WithSilence(LadderSteps.Of(one, null, hasFrameColumn: false), isOneSided: false);
        var times = steps.Where(step => step.Time != null).Select(step => step.Time!.Value).ToList();
        Assert.Equal(times.Order(), times);
        // A silence is no longer than the time between what is drawn around it.
        for (var at = 0; at < steps.Count; at++)
            if (steps[at].Stroke == LadderStroke.Silence) Assert.InRange(steps[at].Until!.Value, GapScale.Silence, steps.Skip(at).First(step => step.Time != null).Time!.Value - steps.Take(at).Last(step => step.Time != null).Time!.Value);
    });

    [Fact]
    public void A_name_of_64_KiB_takes_no_more_than_its_half()
    {
        foreach (var name in (string[])[new('x', 65_536), string.Concat(Enumerable.Repeat("\u202e\u0301", 32_768)), string.Concat(Enumerable.Repeat("生", 65_536)), "e" + new string('\u0301', 65_535)])
        {
            var play = Playbook.Report(FailureRow.Cookies, FailureRow.All[0].Plays).Handshakes[0];
            var report = play with { Initiator = play.Initiator with { Node = name }, Acceptor = play.Acceptor with { Node = name } };
            foreach (var width in (int[])[60, 80, 110, 160]) AssertCells(LadderDrawing.Draw(report, new LadderStyle { Width = width }).Select(row => row.Runs), new LadderStyle { Width = width });
        }
    }

    private static void AssertCells(IEnumerable<IReadOnlyList<InkRun>> rows, LadderStyle style)
    {
        foreach (var row in rows)
        {
            var text = string.Concat(row.Select(run => run.Text));
            Assert.True(CellText.Width(text) <= Math.Max(40, style.Width), $"{CellText.Width(text)} cells: {text}");
            Assert.Equal(CellText.Safe(text), text);
            if (style.IsAscii) Assert.True(Ascii.IsValid(text), text);
        }
    }

    /// <summary>Between the head and the scale every row has its lifelines in the same two cells, and its arrow from the one to the other.</summary>
    private static void AssertLifelines(IReadOnlyList<LadderRow> rows, LadderStyle style)
    {
        var drawn = rows.Where(row => row.Message != null).Select(row => row.ToString()).ToList();
        foreach (var text in drawn)
        {
            Assert.Equal(style.Right + 1, CellText.Width(text));
            var (last, before) = (text[^1], text[^2]);
            if (style.IsAscii) Assert.True(last is '|' or '+' or ':', text);
            else if (last == '┤') Assert.Contains("│◄─ ", text.Replace('┊', '│'), StringComparison.Ordinal);
            else if (before == '►') Assert.Contains("├── ", text, StringComparison.Ordinal);
            else Assert.True(last is '│' or '┊' && style.Width >= 132, text);
        }
    }
}
