using System.Text.Json.Nodes;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Cli.Tests;

/// <summary>Captures whose interface statistics tell of drops.</summary>
public sealed class DroppedPacketsTests : IDisposable
{
    private const ushort InterfaceDrops = 5;
    private const ushort SystemDrops = 7;
    private const ushort Raw = 101;

    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData(30, 7, " The capture itself dropped 37 packets; what is missing here may be among them.",
        "37 packets were dropped by the capture.")]
    [InlineData(0, 1, " The capture itself dropped 1 packet; what is missing here may be among them.",
        "1 packet was dropped by the capture.")]
    [InlineData(0, 0, "", null)]
    [HardCase("comments, drop counts, interface names")]
    public void A_handshake_with_missing_bytes_tells_that_the_capture_dropped_packets(long bySystem, long byInterface, string says,
        string? total)
    {
        Write(bySystem, byInterface,
            new Playbook().Connect().Initiator(RactorBytes.Name("b@h")).LoseLast().Acceptor(RactorBytes.Status()).InitiatorCloses());
        Assert.Equal(("bytes-missing", $"is not known.{says}"), Diagnosis("is not known."));
        var text = CommandLine.Report(_file).Output;
        Assert.Equal(total != null, text.Contains("dropped by the capture", StringComparison.Ordinal));
        if (total != null) Assert.Contains(total, text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_handshake_that_is_all_there_does_not()
    {
        Write(30, 7, new Playbook().Handshake("b@h", "a@h", "right"));
        Assert.Equal(("unverified", "proofs."), Diagnosis("proofs."));
    }

    private void Write(long bySystem, long byInterface, Playbook play)
    {
        var to = new CaptureBuilder().Section().Interface(Raw);
        foreach (var packet in play.Packets) to.Enhanced(0, (ulong)packet.Time / 1000, packet.ToDatagram());
        File.WriteAllBytes(_file, to.Statistics(0, [.. to.Number(SystemDrops, bySystem), .. to.Number(InterfaceDrops, byInterface)]).Bytes);
    }

    /// <summary>The code of the only handshake, and its words from <paramref name="from"/> on.</summary>
    private (string Code, string Summary) Diagnosis(string from)
    {
        var diagnosis =
            Assert.Single(JsonNode.Parse(CommandLine.Report(_file, "--format", "json").Output)!["handshakes"]!.AsArray())!["diagnosis"]!;
        var summary = (string)diagnosis["summary"]!;
        return ((string)diagnosis["code"]!, summary[Math.Max(0, summary.IndexOf(from, StringComparison.Ordinal))..]);
    }
}
