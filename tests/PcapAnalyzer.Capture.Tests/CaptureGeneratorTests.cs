using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Capture.Tests;

/// <summary>The inputs of the benchmarks are what they claim to be.</summary>
public sealed class CaptureGeneratorTests
{
    private static readonly CaptureShape Shape = new()
    {
        Flows = 20,
        Segments = 2000,
        PayloadBytes = 100,
        Handshakes = 100,
        WrongCookieShare = 0.25,
    };

    [Fact]
    public void The_seed_decides_every_byte()
    {
        Assert.Equal(Bytes(Shape), Bytes(Shape));
        Assert.NotEqual(Bytes(Shape), Bytes(Shape with { Seed = 2 }));
    }

    [Theory]
    [InlineData(HandshakeKind.Erlang, 0)]
    [InlineData(HandshakeKind.Ractor, 0)]
    [InlineData(HandshakeKind.Erlang, 10)]
    public void The_analyzer_finds_its_handshakes_and_no_others(HandshakeKind kind, double reorderPercent)
    {
        var report = Report(Shape with { HandshakeKind = kind, ReorderPercent = reorderPercent });
        var established = report.Handshakes.Count(handshake =>
            $"{handshake.Outcome.Kebab()} {handshake.Diagnosis.Code.Kebab()}" == "established ok");
        var failed = report.Handshakes.Count(handshake =>
            $"{handshake.Outcome.Kebab()} {handshake.Diagnosis.Code.Kebab()}" == "authentication-failed cookie-mismatch");
        Assert.Equal(Shape.Handshakes, report.Handshakes.Count);
        Assert.Equal(Shape.Handshakes, established + failed);
        Assert.InRange(failed, 15, 35);
        Assert.Equal(Shape.Flows + Shape.Handshakes, report.Statistics.Conversations);
    }

    [Fact]
    public void Loses_as_many_segments_as_it_should()
    {
        var flows = Shape with { Handshakes = 0, LossPercent = 10 };
        var lost = (Bytes(flows with { LossPercent = 0 }).Length - Bytes(flows).Length) / (PcapFile.RecordHeader + TcpTemplate.Headers
            + flows.PayloadBytes);
        Assert.InRange(lost, 150, 250);
    }

    [Fact]
    public void Few_and_many_flows_have_packets_of_the_same_sizes()
    {
        var many = Shape with { Flows = 500, Handshakes = 0 };
        Assert.Equal(Bytes(many).Length, Bytes(many with { Flows = 10, Openings = 500 }).Length);
    }

    private static byte[] Bytes(CaptureShape shape)
    {
        using var output = new MemoryStream();
        CaptureGenerator.Write(shape, output);
        return output.ToArray();
    }

    private static CaptureReport Report(CaptureShape shape)
    {
        var path = Path.GetTempFileName();
        try
        {
            CaptureGenerator.Write(shape, File.Create(path));
            return Analysis.Report(path, new CookieRing([Cookie.FromText("secret", CaptureShape.Cookie)]));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
