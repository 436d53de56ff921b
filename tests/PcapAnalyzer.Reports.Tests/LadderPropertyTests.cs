using System.Net;
using System.Text;
using CsCheck;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Pipeline.Protocols.Epmd;
using PcapAnalyzer.Pipeline.Protocols.Erlang;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Reports.Tests;

/// <summary>Properties of every drawing, for plausible and implausible handshakes.</summary>
public sealed class LadderPropertyTests
{
    private const long Epoch = 1_700_000_000_000_000_000;

    private static readonly Gen<Role> AnyRole = Gen.Enum<Role>();

    /// <summary>Nanoseconds since the start: short, silent, days long, and negative.</summary>
    private static readonly Gen<long> AnyTime = Gen.OneOf(Gen.Long[0, 50_000_000], Gen.Long[0, 20_000_000_000],
        Gen.Long[-1_000_000, 400_000_000_000_000]);

    private static readonly Gen<IReadOnlyList<long>> AnyFrames = Gen.Long[1, 9_999_999_999].Array[0, 4]
        .Select(frames => (IReadOnlyList<long>)frames);

    private static readonly Gen<Endpoint> AnyEndpoint =
        Gen.OneOf("10.0.0.1", "2001:db8:1111:2222:3333:4444:5555:6666")
            .Select(address => Endpoint.From(IPAddress.Parse(address), address[0] == '1' ? (ushort)4400 : ushort.MaxValue));

    private static readonly Gen<JudgedPeer> AnyPeer = Gen.Select(HostileText.Any.Null(), AnyEndpoint, Gen.OneOf("OTP 25 to 27", null!))
        .Select((node, endpoint, release) => new JudgedPeer { Node = node, Endpoint = endpoint, Release = release });

    private static readonly Gen<(HandshakeMessage Message, string Text)> AnyMessage = Gen.Select(
        Gen.Int[0, (int)MessageKind.ChallengeAck], AnyRole, AnyTime, AnyFrames, HostileText.Any, Gen.Bool, Gen.Bool,
        (kind, from, time, frames, text, cut, conflict) =>
            (new HandshakeMessage(new MessageContent((MessageKind)kind), from, Epoch + time, frames, 10, 0, 2, [], null)
            { IsCut = cut, IsConflicting = conflict }, text));

    private static readonly Gen<Proof> AnyProof = Gen.Select(AnyRole, Gen.Enum<Verdict>(), HostileText.Any)
        .Select((by, verdict, cookie) => new Proof(by, new HandshakeMessage(new MessageContent(MessageKind.ChallengeReply), by, 0, [], 0, 0,
            0, [], null), null, null, "md5-erlang", verdict, cookie));

    private static readonly Gen<Anomaly> AnyAnomaly = Gen.Select(Gen.OneOf(AnomalyKind.OutOfOrderMessage, AnomalyKind.TlsRecord), AnyRole,
        HostileText.Any, Gen.Long[0, 9], AnyTime)
        .Select((kind, by, text, frame, time) => new Anomaly(kind, by, text, text, frame, Epoch + time));

    private static readonly Gen<TransferEvent> AnyTransfer = Gen.Select(Gen.Enum<TransferEventKind>(), AnyRole, Gen.Long[1, 1L << 40],
        Gen.Int[0, 9], AnyTime, AnyTime, Gen.Long[1, 99])
        .Select((kind, by, count, before, time, span, frame) => new TransferEvent(kind, by, count, before, Epoch + time,
            Epoch + time + Math.Abs(span), frame));

    private static Gen<Departure?> AnyDeparture(Role by) =>
        Gen.Select(Gen.Bool, AnyTime, Gen.Long[0, 99_999], Gen.Bool)
            .Select((isReset, time, frame, isAnswer) => new Departure(by, isReset, frame, Epoch + time, 0, isAnswer)).Null()!;

    private static readonly Gen<ConnectionFacts> AnyConnection = Gen.Select(
        Gen.Select(AnyTime.Nullable(), AnyTime.Nullable(), Gen.Int[0, 9]), Gen.Select(Gen.Bool, Gen.Bool), AnyDeparture(Role.Initiator),
        AnyDeparture(Role.Acceptor),
        Gen.Long[0, 1L << 50].Array[2], Gen.Long[0, 20_000_000_000].Array[2], Gen.Bool,
        (opened, seen, initiator, acceptor, bytes, last, isQuiet) => new ConnectionFacts
        {
            SynTime = opened.Item1 is { } syn ? Epoch + syn : 0,
            SynAckTime = opened.Item2 is { } answer ? Epoch + answer : 0,
            Syns = opened.Item3,
            IsInitiatorSeen = seen.Item1,
            IsAcceptorSeen = seen.Item2,
            InitiatorLeft = initiator,
            AcceptorLeft = acceptor,
            AfterInitiator = isQuiet ? 0 : bytes[0],
            AfterAcceptor = isQuiet ? 0 : bytes[1],
            LastByteFromInitiator = isQuiet ? 0 : Epoch + last[0],
            LastByteFromAcceptor = Epoch + last[1],
        });

    private static readonly Gen<JudgedHandshake> AnyHandshake = Gen.Select(
        Gen.Enum<Outcome>(),
        Gen.OneOf(DiagnosisCode.Ok, DiagnosisCode.CookieMismatch, DiagnosisCode.PeerSilent, DiagnosisCode.TlsToPlain,
            DiagnosisCode.Encrypted, DiagnosisCode.SimultaneousConnect),
        AnyPeer, AnyPeer, AnyMessage.Array[0, 8],
        Gen.Select(AnyProof.Array[0, 2], AnyAnomaly.Array[0, 3], AnyTransfer.Array[0, 5], AnyTime, Gen.Long[0, 60_000_000_000]),
        AnyConnection, HostileText.Any,
        (outcome, code, initiator, acceptor, messages, more, connection, text) =>
        {
            var facts = new Handshake
            {
                Protocol = new ErlangProtocol(),
                Initiator = initiator.Endpoint,
                Acceptor = acceptor.Endpoint,
                Started = Epoch,
                Messages = [.. messages.Select(one => one.Message)],
                Anomalies = more.Item2,
                Transfer = more.Item3,
                Connection = connection,
            };
            return new JudgedHandshake
            {
                Id = 1,
                Facts = facts,
                Judgement = new Judgement(outcome, null, null, new Diagnosis(code, text, text, Certainty.Proven, [1, 2, 3]))
                { State = HandshakeState.NameSent },
                Initiator = initiator,
                Acceptor = acceptor,
                SeenUntil = Epoch + more.Item5,
                Lookup = messages.Length % 2 == 0 ? null : new EpmdExchange
                {
                    Client = initiator.Endpoint,
                    Server = acceptor.Endpoint,
                    Request = EpmdRequest.Lookup,
                    Time = Epoch - Math.Abs(more.Item4),
                    Frame = 7,
                    Name = text,
                },
                Status = "nok",
                Messages = [.. messages.Select(one => new JudgedMessage(facts, one.Message) { Redacted = Fields(one.Text) })],
                Proofs = more.Item1,
                CookieCount = messages.Length % 4,
            };
        });

    private static MessageField[] Fields(string text) =>
        [.. ((string[])["node", "status", "challenge", "connectionString", "assignedNode"])
            .Select(name => new MessageField(name, new FieldValue.Text(text), 0, 1))];

    private static readonly Gen<LadderStyle> AnyStyle = Gen.Select(Gen.Int[0, 250], Gen.Int[0, 40], Gen.Enum<LadderTime>(), Gen.Bool,
        Gen.Long[0, 60_000_000_000], Gen.Bool)
        .Select((width, height, time, ascii, now, isLive) => new LadderStyle
        {
            Width = width,
            Height = height,
            Time = time,
            IsAscii = ascii,
            Now = isLive ? Epoch + now : null
        });

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
        // A silence is never longer than the time between the steps around it.
        for (var at = 0; at < steps.Count; at++)
            if (steps[at].Stroke == LadderStroke.Silence) Assert.InRange(steps[at].Until!.Value, GapScale.Silence,
                steps.Skip(at).First(step => step.Time != null).Time!.Value - steps.Take(at).Last(step => step.Time != null).Time!.Value);
    });

    [Fact]
    public void A_name_of_64_KiB_takes_no_more_than_its_half()
    {
        foreach (var name in (string[])[new('x', 65_536), string.Concat(Enumerable.Repeat("\u202e\u0301", 32_768)),
            string.Concat(Enumerable.Repeat("生", 65_536)), "e" + new string('\u0301', 65_535)])
        {
            var play = Playbook.Report(FailureRow.Cookies, FailureRow.All[0].Plays).Handshakes[0];
            var report = play with { Initiator = play.Initiator with { Node = name }, Acceptor = play.Acceptor with { Node = name } };
            foreach (var width in (int[])[60, 80, 110, 160]) AssertCells(LadderDrawing.Draw(report, new LadderStyle { Width = width })
                .Select(row => row.Runs), new LadderStyle { Width = width });
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

    /// <summary>
    /// Every row between head and scale has its lifelines in the same two cells, and its arrow runs from one to the other.
    /// </summary>
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
