using System.Buffers.Binary;
using System.Text;
using PcapAnalyzer.Capture;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Reports.Tests;

/// <summary>Redacted packets show a handshake's steps, but no name, challenge, digest, or data after the handshake.</summary>
public sealed class RedactedPacketsTests
{
    /// <summary>Captures whose redacted packets show less, and why.</summary>
    private static readonly Dictionary<string, string> TellLess = new()
    {
        ["rows/failure_rows.pcap"] = "bytes that are no message, and traffic where a message is due, are zeros",
    };

    public static TheoryData<string> Captures => [.. Repository.AllCaptures];

    [Theory]
    [MemberData(nameof(Captures))]
    public void Redacted_packets_show_the_steps_and_no_secret(string capture)
    {
        var (plain, redacted) = Packets(capture);
        var (before, after) = (Again(plain), Again(redacted));
        if (TellLess.TryGetValue(capture, out var why)) Assert.False(Steps(before).SequenceEqual(Steps(after)), $"no longer true: {why}");
        else Assert.Equal(Steps(before), Steps(after));
        Assert.Equal(plain.Select(frame => (frame.Number, frame.Time, frame.Source, frame.Flags, frame.Length)),
            redacted.Select(frame => (frame.Number, frame.Time, frame.Source, frame.Flags, frame.Length)));

        var secrets = BytesOf(Secrets.Of(before)).ToList();
        if (before.Handshakes.Any(one => one.Initiator.Node != null)) Assert.Contains(secrets, secret => Hold(plain, secret.Bytes));
        Assert.DoesNotContain(secrets, secret => Hold(redacted, secret.Bytes));
        Assert.All(after.Handshakes.SelectMany(one => one.Proofs),
            digest => Assert.False(digest.Digest.AsSpan().ContainsAnyExcept((byte)0)));
    }

    [Fact]
    public void What_comes_behind_the_handshake_is_zeros_of_its_length()
    {
        var (plain, redacted) = Packets("erlang/ok.pcap");
        var last = Again(redacted).Handshakes[0].Messages[^1].Frames[^1];
        var behind = redacted.Where((frame, index) => index >= last && frame.Length > 0).ToList();
        Assert.NotEmpty(behind);
        Assert.Contains(plain.Where((frame, index) => index >= last && frame.Length > 0),
            frame => PayloadOf(frame).ContainsAnyExcept((byte)0));
        Assert.All(behind, frame => Assert.False(PayloadOf(frame).ContainsAnyExcept((byte)0)));
    }

    [Theory]
    [InlineData("rabbit@web1", "node-1@hos1")]
    [InlineData("averylongname@host.example.com", "node-00000001@host-00000000001")]
    [InlineData("a@b", "1@1")]
    [InlineData("a@10.0.0.7", "1@10.0.0.7")]
    [InlineData("rabbit", "node-1")]
    [InlineData("", "")]
    public void A_name_keeps_its_length(string name, string told)
    {
        var bytes = Encoding.ASCII.GetBytes(name);
        new Pseudonyms().Overwrite(name, bytes);
        Assert.Equal(told, Encoding.ASCII.GetString(bytes));
    }

    private static ReadOnlySpan<byte> PayloadOf(EvidenceFrame frame)
    {
        var bytes = frame.Bytes.Span;
        return bytes[(bytes.Length - frame.Length)..];
    }

    private static bool Hold(List<EvidenceFrame> frames, byte[] bytes) => frames.Any(frame => frame.Bytes.Span.IndexOf(bytes) >= 0);

    private static List<string> Steps(CaptureReport report) =>
    [
        .. report.Handshakes.Select(one => string.Join(' ', [
            one.Initiator.Endpoint, one.Acceptor.Endpoint, one.Protocol.Name, one.Outcome, one.Diagnosis.Code, one.Status,
            .. one.Messages.Select(message => $"{message.Kind}:{message.From}:{message.Message.Length}:{message.Frames.Count}"),
            one.Connection.Syns, one.Connection.MissingBytes, one.Close, one.Connection.AfterInitiator,
            one.Connection.AfterAcceptor])).Order(),
    ];

    /// <summary>The packets of all reported handshakes, captured and redacted, in capture order.</summary>
    private static (List<EvidenceFrame> Plain, List<EvidenceFrame> Redacted) Packets(string capture)
    {
        var names = new Pseudonyms();
        var analyzer = new CaptureAnalysis(Analysis.Options with { Evidence = new() }, CookieRing.Empty, new FrameParser(),
            new PacketDotNetParser(), names);
        using (var source = new CaptureFileSource(Path.Combine(Repository.Captures, capture)))
            source.Read(analyzer.Accept, CancellationToken.None);
        analyzer.Finish();
        var (plain, redacted) = (new List<EvidenceFrame>(), new List<EvidenceFrame>());
        foreach (var report in ReportBuilder.Build([new AnalyzedCapture(analyzer.Cluster, null)]).Handshakes)
        {
            if (analyzer.Evidence!.Of(report.Evidence) is not { } evidence) continue;
            plain.AddRange(evidence.Frames);
            redacted.AddRange(RedactedPackets.Of(evidence,
                evidence.Key.IsHandshake ? analyzer.Cluster.Handshakes[evidence.Key.Number] : null, names));
        }
        return ([.. plain.OrderBy(frame => frame.Number)], [.. redacted.OrderBy(frame => frame.Number)]);
    }

    private static CaptureReport Again(List<EvidenceFrame> frames)
    {
        var analyzer = new CaptureAnalysis(Analysis.Options, CookieRing.Empty, new FrameParser(), new PacketDotNetParser());
        var number = 0L;
        foreach (var frame in frames) analyzer.Accept(new Frame(++number, frame.Time, frame.Link, frame.Bytes.Span, frame.OriginalLength));
        analyzer.Finish();
        return ReportBuilder.Build([new AnalyzedCapture(analyzer.Cluster, null)]);
    }

    private static IEnumerable<(string Name, byte[] Bytes)> BytesOf(Secrets secrets)
    {
        foreach (var name in secrets.Names)
        {
            yield return (name, Encoding.UTF8.GetBytes(name));
            yield return (name, Encoding.Latin1.GetBytes(name));
        }
        foreach (var digest in secrets.Digests.Where(digest => digest.Trim('0').Length > 0))
            yield return (digest, Convert.FromHexString(digest));
        foreach (var challenge in secrets.Challenges)
        {
            if (!uint.TryParse(challenge, out var number) || number < 10_000_000) continue;
            var bytes = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
            yield return (challenge, bytes);
            var varint = new List<byte>();
            for (; number >= 0x80; number >>= 7) varint.Add((byte)(number | 0x80));
            yield return (challenge, [.. varint, (byte)number]);
        }
    }
}
