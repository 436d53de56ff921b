using System.CommandLine;
using PcapAnalyzer.Capture;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Cli;

/// <summary><c>--write-handshakes</c>: the packets of the reported handshakes as pcapng, each with a comment.</summary>
/// <remarks>For each capture <see cref="Begin"/>, packets, <see cref="End"/>. A full disk stops the writing, not the analysis.</remarks>
internal sealed class HandshakesFile : IDisposable
{
    private const string Name = "--write-handshakes";

    private readonly string _path;
    private readonly Stream _stream;
    private readonly PcapngWriter _writer;
    private readonly Dictionary<(string Name, LinkLayer Link), int> _interfaces = [];
    private readonly Messages _messages;

    /// <summary>Captures that have ended.</summary>
    private readonly List<ClusterView> _captures = [];
    private Func<int, string> _nameOf = _ => "";
    private CaptureAnalysis? _analyzer;
    private ReportNumbers _numbers = ReportNumbers.Alone;
    private long _packets;
    private long _omitted;

    private HandshakesFile(string path, Messages messages)
    {
        _path = path;
        _messages = messages;
        _stream = OutputFile.Create(Name, path);
        _writer = new PcapngWriter(_stream, $"pcap-analyzer {JsonReport.Version}");
        Flush(); // writes the header, so that other programs can open the file from now on
    }

    internal static Option<string?> NewOption() => new(Name)
    {
        HelpName = "FILE",
        Description = "Write the packets of the reported handshakes, and no others, as pcapng. Each has a comment: which step of which "
            + "handshake it is, and at the last one what is concluded. They hold challenges and digests, from which a weak cookie can be "
            + "guessed offline: with --redact they do not.",
    };

    /// <summary>Creates the file; null when no path is given.</summary>
    internal static HandshakesFile? Of(string? path, Messages messages) => path == null ? null : new HandshakesFile(path, messages);

    /// <summary>The file could not be written and lacks packets. The user was told.</summary>
    internal bool HasFailed { get; private set; }

    /// <summary>Begins a capture.</summary>
    /// <param name="isLive">The end of a live capture is unknown, so a handshake is written as soon as its connection closes, not
    /// at the end.</param>
    internal void Begin(CaptureAnalysis analyzer, Func<int, string> nameOf, bool isLive)
    {
        (_analyzer, _nameOf) = (analyzer, nameOf);
        analyzer.Evidence!.GivingUp = WriteNow;
        if (!isLive) return;
        analyzer.Evidence.Closed = evidence =>
        {
            WriteNow(evidence);
            analyzer.Evidence.Remove(evidence);
        };
    }

    /// <summary>No more packets will come. Handshakes not written yet wait for their final verdicts until <see cref="End"/>.</summary>
    internal void Stop()
    {
        Flush();
        _analyzer!.Evidence!.Closed = null;
    }

    /// <summary>Ends a capture and writes its remaining handshakes, whose verdicts are now final.</summary>
    internal void End()
    {
        var evidence = _analyzer!.Evidence!;
        var report = ReportBuilder.Build([new AnalyzedCapture(_analyzer.Cluster, null)], work: new AllCores());
        var packets = new List<(EvidenceFrame Frame, string Comment)>();
        foreach (var handshake in report.Handshakes)
        {
            if (evidence.Of(handshake.Evidence) is not { } kept) continue;
            packets.AddRange(PacketsOf(kept, _numbers.Of(handshake.Id), handshake));
            _omitted += kept.Omitted;
        }
        Write(packets.OrderBy(packet => packet.Frame.Number));
        Flush();
        if (evidence.GivenUp > 0)
            _messages.Say($"{_path}: {evidence.GivenUp} handshakes were written before their last verdict was known: there are too many "
                + "packets to keep");
        if (_omitted > 0) _messages.Say($"{_path}: {_omitted} packets of handshakes are left out: there are too many to keep");
        _omitted = 0;
        _captures.Add(_analyzer.Cluster);
        _numbers = ReportNumbers.After(_captures, isOneOfSeveral: true);
    }

    /// <summary>Writes the buffered packets to the file, and reports the first failure to the user.</summary>
    internal void Flush()
    {
        _writer.Flush();
        if (_writer.Failure is not { } why || HasFailed) return;
        HasFailed = true;
        _messages.Say($"{_path}: nothing is written any more, after packet {_packets}: {why}");
    }

    public void Dispose()
    {
        Flush();
        _stream.Dispose();
    }

    private void WriteNow(Evidence evidence)
    {
        var cluster = _analyzer!.Cluster;
        var report = HandshakeOf(evidence) is { } handshake ? ReportBuilder.Of(handshake, cluster) : null;
        Write(PacketsOf(evidence, _numbers.Of(evidence.Key.Number), report));
        if (evidence.IsOver) _omitted += evidence.Omitted;
    }

    private IEnumerable<(EvidenceFrame Frame, string Comment)> PacketsOf(Evidence evidence, int id, JudgedHandshake? report)
    {
        var cluster = _analyzer!.Cluster;
        var packets = EvidenceComments.Of(evidence, id, report, cluster.Pseudonyms != null);
        if (cluster.Pseudonyms is not { } names) return packets;
        return RedactedPackets.Of(evidence, HandshakeOf(evidence), names).Zip(packets, (frame, packet) => (frame, packet.Comment));
    }

    private Handshake? HandshakeOf(Evidence evidence)
    {
        var handshakes = _analyzer!.Cluster.Handshakes;
        return evidence.Key.IsHandshake && handshakes.Contains(evidence.Key.Number) ? handshakes[evidence.Key.Number] : null;
    }

    private void Write(IEnumerable<(EvidenceFrame Frame, string Comment)> packets)
    {
        foreach (var (frame, comment) in packets)
        {
            var key = (_analyzer!.Cluster.Pseudonyms == null ? _nameOf(frame.Interface) : "", frame.Link);
            if (!_interfaces.TryGetValue(key, out var from)) _interfaces[key] = from = _writer.AddInterface(key.Item1, frame.Link, 0);
            _writer.Write(from, frame.ToFrame(), comment);
            if (_writer.Failure == null) _packets++;
        }
    }
}
