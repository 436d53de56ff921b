using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Reports.Filter;
using PcapAnalyzer.Testing;

namespace PcapAnalyzer.Benchmarks;

/// <summary>The floor: a loop that only goes from record to record of a capture in memory, and touches each frame once.</summary>
public class Walk
{
    private const int Packets = 200_000;
    private byte[] _capture = [];

    [Params(64, 1400)]
    public int PayloadBytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        using var output = new MemoryStream();
        CaptureGenerator.Write(new CaptureShape { Flows = 1000, Segments = (Packets - 3 * 1000) / 2, PayloadBytes = PayloadBytes }, output);
        _capture = output.ToArray();
    }

    [Benchmark(OperationsPerInvoke = Packets)]
    public int OneRecord()
    {
        var sum = 0;
        for (var at = PcapFile.FileHeader; at < _capture.Length;)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(_capture.AsSpan(at + 8));
            sum += _capture[at + PcapFile.RecordHeader + 12];
            at += PcapFile.RecordHeader + length;
        }
        return sum;
    }
}

/// <summary>Ethernet, IPv4 and TCP of one frame.</summary>
[MemoryDiagnoser]
public class Parse
{
    private readonly FrameParser _parser = new();
    private byte[] _frame = [];

    [Params(0, 64, 1400)]
    public int PayloadBytes { get; set; }

    [GlobalSetup]
    public void Setup() => _frame = Frames.Of(new TcpPeers(1, 2, 3, 4), 7, TcpFlags.Ack, new byte[PayloadBytes]);

    [Benchmark]
    public int OneFrame()
    {
        _parser.Parse(new Frame(1, 1, LinkLayer.En10Mb, _frame, _frame.Length), out var segment, out _);
        return segment.Length;
    }
}

/// <summary>A data segment of one among many flows that are no handshakes: parsed, found and counted.</summary>
[MemoryDiagnoser]
public class Lookup
{
    private readonly TcpTemplate _template = new();
    private readonly byte[] _payload = "GET /index.html\r\n"u8.ToArray();
    private readonly CaptureAnalysis _analyzer = new(Analysis.Options, CookieRing.Empty, new FrameParser(), null);
    private byte[] _frame = [];
    private ulong _random = 1;

    [Params(1000, 1_000_000)]
    public int Flows { get; set; }

    private static TcpPeers Peers(int flow) => new(0x0A100001 + (uint)flow % 4093, (ushort)(40000 + flow / 4093), 0x0A200001, 9001);

    [GlobalSetup]
    public void Setup()
    {
        for (var flow = 0; flow < Flows; flow++)
        {
            Accept(Frames.Of(Peers(flow), 6, TcpFlags.Syn, []));
            Accept(Frames.Of(Peers(flow), 7, TcpFlags.Ack, _payload));
        }
        _frame = Frames.Of(Peers(0), 7, TcpFlags.Ack, _payload);
    }

    /// <summary>What of <see cref="OneSegment"/> is the benchmark's own.</summary>
    [Benchmark(Baseline = true)]
    public void NextFrame()
    {
        _random = _random * 6364136223846793005 + 1442695040888963407;
        _template.Fill(_frame, Peers((int)((_random >> 32) * (ulong)Flows >> 32)), true, 7, 1, TcpFlags.Ack, _payload);
    }

    [Benchmark]
    public void OneSegment()
    {
        NextFrame();
        Accept(_frame);
    }

    private void Accept(byte[] frame) => _analyzer.Accept(new Frame(1, 1, LinkLayer.En10Mb, frame, frame.Length));
}

/// <summary>A handshake from SYN to FIN through the whole pipeline: what it costs more byte by byte is reassembly.</summary>
[MemoryDiagnoser]
public class Reassembly
{
    private const int Handshakes = 100;
    private readonly List<byte[]> _whole = [];
    private readonly List<byte[]> _bytes = [];

    [Params(HandshakeKind.Erlang, HandshakeKind.Ractor)]
    public HandshakeKind Kind { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        for (var handshake = 0; handshake < Handshakes; handshake++)
        {
            var script = Frames.Handshake(Kind, (ushort)(40000 + handshake));
            _whole.AddRange(Frames.Of(script));
            _bytes.AddRange(Frames.Of(new HandshakeScript(script.Peers, [.. script.Lines.SelectMany(Frames.ByteByByte)])));
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Handshakes)]
    public int WholeMessages() => Frames.Cluster(_whole).Handshakes.Count;

    [Benchmark(OperationsPerInvoke = Handshakes)]
    public int ByteByByte() => Frames.Cluster(_bytes).Handshakes.Count;
}

/// <summary>The prefixes of a handshake's messages read and their bodies decoded.</summary>
[MemoryDiagnoser]
public class Framing
{
    private IHandshakeProtocol _protocol = HandshakeProtocols.All[0];
    private byte[] _bytes = [];

    [Params(HandshakeKind.Erlang, HandshakeKind.Ractor)]
    public HandshakeKind Kind { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _protocol = Frames.Protocol(Kind);
        _bytes = Kind == HandshakeKind.Erlang
            ? [.. ErlangBytes.Name("a@h"), .. ErlangBytes.Status(), .. ErlangBytes.Challenge("b@h", 42), .. ErlangBytes.Reply(7, 42, "c"),
                .. ErlangBytes.Ack(7, "c")]
            : [.. RactorBytes.Name("a@h"), .. RactorBytes.Status(), .. RactorBytes.Challenge("b@h", 42), .. RactorBytes.Reply(7, 42, "c"),
                .. RactorBytes.Ack(7, "c")];
    }

    [Benchmark]
    public int FiveMessages()
    {
        var decoded = 0;
        for (ReadOnlySpan<byte> left = _bytes; !left.IsEmpty;)
        {
            _protocol.TryReadFrame(left, out var frame);
            if (_protocol.TryParse(left.Slice(frame.Header, (int)frame.Body), frame, null, withFields: false, out _)) decoded++;
            left = left[(int)(frame.Header + frame.Body)..];
        }
        return decoded;
    }
}

/// <summary>One proof against one cookie: MD5 for Erlang, SHA-256 for ractor.</summary>
[MemoryDiagnoser]
public class Digest
{
    private readonly CookieRing _ring = Frames.Ring;
    private IHandshakeProtocol _protocol = HandshakeProtocols.All[0];
    private byte[] _digest = [];

    [Params(HandshakeKind.Erlang, HandshakeKind.Ractor)]
    public HandshakeKind Kind { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _protocol = Frames.Protocol(Kind);
        _digest = Kind == HandshakeKind.Erlang ? ErlangBytes.Digest(42, CaptureShape.Cookie) : RactorBytes.Digest(42, CaptureShape.Cookie);
    }

    [Benchmark]
    public bool Verify() => _ring.Find(_protocol, 42, _digest) != null;
}

/// <summary>The report of one handshake: concluded, and concluded and written.</summary>
[MemoryDiagnoser]
public class Json
{
    private CaptureReport? _report;

    [GlobalSetup]
    public void Setup() => _report =
        ReportBuilder.Build([new AnalyzedCapture(Frames.Cluster(Frames.Of(Frames.Handshake(HandshakeKind.Erlang, 40000))), null)]);

    [Benchmark]
    public JudgedHandshake Judge() => _report!.Handshakes[0];

    [Benchmark]
    public void Write() => JsonReport.Write(_report!, Stream.Null);
}

/// <summary>A filter over many handshakes, as the timeline applies it while it is typed, and what it offers at the cursor.</summary>
[MemoryDiagnoser]
public class Filter
{
    private const int Handshakes = 100_000;
    private static readonly WhereContext Context = new() { Now = 0 };
    private readonly List<JudgedHandshake> _reports = new(Handshakes);
    private Where _where = Where.Everything;

    [Params("web2", "outcome == authentication-failed and node ~ \"rabbit@\"", "ip == 10.0.4.0/24", "node ~ ")]
    public string Expression { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        _where = Where.ParsePrefix(Expression, out _);
        var one = ReportBuilder.Build([new AnalyzedCapture(Frames.Cluster(Frames.Of(Frames.Handshake(HandshakeKind.Erlang, 40000))), null)])
            .Handshakes[0];
        for (var i = 0; i < Handshakes; i++)
        {
            _reports.Add(one with
            {
                Id = i + 1,
                Judgement = one.Judgement with { Outcome = i % 3 == 0 ? Outcome.AuthenticationFailed : Outcome.Established },
                Initiator = one.Initiator with
                {
                    Node = $"rabbit@web{i % 997}.example.org",
                    Endpoint = Endpoint.FromIpv4(0x0A000000 + (uint)(i % 7 * 256 + i % 251), (ushort)(40000 + i % 20000))
                },
                Acceptor = one.Acceptor with { Node = $"rabbit@db{i % 11}.example.org" },
            });
        }
    }

    [Benchmark]
    public int Match()
    {
        var count = 0;
        foreach (var report in _reports)
            if (_where.Matches(report, Context)) count++;
        return count;
    }

    [Benchmark]
    public int Complete() => WhereCompletion.At(Expression, Expression.Length, _reports, Context).Offers.Count;
}
