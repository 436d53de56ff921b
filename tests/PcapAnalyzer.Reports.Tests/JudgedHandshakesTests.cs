using PcapAnalyzer.Capture;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Reports.Tests;

/// <summary>The number of threads that judge handshakes does not change the report. Each handshake keeps its source.</summary>
public sealed class JudgedHandshakesTests
{
    private const int Handshakes = 300;

    /// <summary>Runs several at once, in any order.</summary>
    private sealed class Parallel : IOrderedWork
    {
        public IEnumerable<T> Select<T>(int count, Func<int, T> make) =>
            ParallelEnumerable.Range(0, count).AsOrdered().WithDegreeOfParallelism(4)
                .WithExecutionMode(ParallelExecutionMode.ForceParallelism).Select(make);
    }

    private static AnalyzedCapture Generated(HandshakeKind kind, int handshakes = Handshakes)
    {
        var path = Path.GetTempFileName();
        try
        {
            CaptureGenerator.Write(new CaptureShape
            {
                Handshakes = handshakes,
                HandshakeKind = kind,
                WrongCookieShare = 0.2,
                Nodes = 8,
                Flows = 10,
                Segments = 200,
                PayloadBytes = 100
            }, File.Create(path));
            var analyzer = new CaptureAnalysis(Analysis.Options, new CookieRing([Cookie.FromText("prod", CaptureShape.Cookie)]),
                new FrameParser(), null);
            using var source = new CaptureFileSource(path);
            var read = source.Read(analyzer.Accept, CancellationToken.None);
            analyzer.Finish();
            return new AnalyzedCapture(analyzer.Cluster, read);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData(HandshakeKind.Erlang)]
    [InlineData(HandshakeKind.Ractor)]
    public void Many_judged_at_once_are_the_same_in_the_same_order(HandshakeKind kind)
    {
        var capture = Generated(kind);
        var report = ReportBuilder.Build([capture]);
        Assert.Equal(Enumerable.Range(1, Handshakes), report.Handshakes.Select(handshake => handshake.Id));
        Assert.Equal(Analysis.Json(report), Analysis.Json(ReportBuilder.Build([capture], null, new Parallel())));
        Assert.Equal(Analysis.Text(report, TextDetail.Verbose),
            Analysis.Text(ReportBuilder.Build([capture], null, new Parallel()), TextDetail.Verbose));
    }

    [Fact]
    public void Of_several_captures_numbers_go_on_and_totals_are_sums()
    {
        var captures = (AnalyzedCapture[])[Generated(HandshakeKind.Erlang), Generated(HandshakeKind.Erlang, 0),
            Generated(HandshakeKind.Ractor)];
        var report = ReportBuilder.Build(captures, null, new Parallel());
        var alone = captures.Select(capture => ReportBuilder.Build([capture])).ToList();

        Assert.Equal(2 * Handshakes, ReportNumbers.After([.. captures.Select(capture => capture.Cluster)], isOneOfSeveral: true).Before);
        Assert.Equal(Enumerable.Range(1, 2 * Handshakes), report.Handshakes.Select(handshake => handshake.Id));
        Assert.Equal(Enumerable.Range(0, 2 * Handshakes).Select(place => place < Handshakes ? 1 : 3),
            report.Handshakes.Select(handshake => handshake.Source!.Value));
        Assert.All(alone, one => Assert.All(one.Handshakes, handshake => Assert.Null(handshake.Source)));
        Assert.Equal(report.Handshakes.Select(Facts), Enumerable.Range(0, 2 * Handshakes).Select(place => Facts(report.Handshakes[place])));
        Assert.Equal(alone.SelectMany(one => one.Handshakes.Select(handshake => handshake.Diagnosis.Summary)),
            report.Handshakes.Select(handshake => handshake.Diagnosis.Summary));

        Assert.Equal(2 * Handshakes, report.Outcomes.Values.Sum());
        Assert.All(report.Outcomes, outcome => Assert.Equal(alone.Sum(one => one.Outcomes.GetValueOrDefault(outcome.Key)), outcome.Value));
        Assert.Equal(alone.Sum(one => one.Statistics.TcpSegments), report.Statistics.TcpSegments);
        Assert.Equal(alone.Sum(one => one.Nodes.Count), report.Nodes.Count);
        Assert.Equal(3, report.Sources.Count);
    }

    private static string Facts(JudgedHandshake handshake) =>
        $"{handshake.Id} {handshake.Source} {handshake.Started} {handshake.Initiator} {handshake.Outcome.Kebab()}";
}
