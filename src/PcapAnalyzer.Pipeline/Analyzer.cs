using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Readers;

namespace PcapAnalyzer.Pipeline;

/// <summary>The pipeline: frames in, facts out. One thread at a time. Nothing is concluded here.</summary>
/// <remarks>
/// Frame → segment (<see cref="IFrameParser"/>) → connection (<see cref="ConnectionTable"/>) → ordered bytes (<see cref="Reassembly"/>)
/// → reader (<see cref="Prober"/>, which hands over to <see cref="HandshakeReader"/>, <see cref="TlsReader"/> or <see cref="EpmdReader"/>)
/// → <see cref="Fact"/>. A connection that is of no interest is settled after its first bytes: from then on only counters move.
/// </remarks>
public sealed class Analyzer
{
    private readonly IFactSink _sink;
    private readonly FrameParsers _parsers;
    private readonly FragmentTable _fragments;
    private readonly ConnectionFollower _connections;
    private readonly int _maxFragmentDepth;
    private readonly ConnectionAttempts _attempts;
    private readonly HashSet<ushort>? _ports;
    private readonly CaptureCounts _counts;
    private long _segments;

    /// <param name="options">Limits and protocols.</param>
    /// <param name="parser">The parser that every frame goes to first.</param>
    /// <param name="general">Takes what the first does not know; null when there is no other.</param>
    /// <param name="sink">Takes the facts.</param>
    public Analyzer(AnalyzerOptions options, IFrameParser parser, IFrameParser? general, IFactSink sink)
    {
        _sink = sink;
        _counts = new CaptureCounts(options);
        _ports = options.Ports.Count == 0 ? null : [.. options.Ports];
        _parsers = new FrameParsers(parser, general);
        _fragments = new FragmentTable(options.Packets);
        _maxFragmentDepth = options.Packets.MaxFragmentDepth;
        _attempts = new ConnectionAttempts(options.Readers.MaxAttempts, options.Readers.MaxArpRequests);
        if (options.Evidence is { } limits) Evidence = new EvidenceStore(limits);
        _connections = new ConnectionFollower(options, _parsers, _counts, _attempts, Evidence, sink);
    }

    /// <summary>The frames of handshakes; null unless <see cref="AnalyzerOptions.Evidence"/> asks for them.</summary>
    public EvidenceStore? Evidence { get; }

    /// <summary>Time of the last packet, or what <see cref="Advance"/> told, in nanoseconds since 1970.</summary>
    public long LastTime => _connections.Now;

    /// <summary>Connections under way.</summary>
    public int OpenConversations => _connections.Open;

    /// <summary>Packets that the capture dropped so far, if its source counts them.</summary>
    public long Dropped { get; set; }

    /// <summary>Takes one frame; its bytes may go once this returns.</summary>
    public void Accept(in Frame frame)
    {
        _connections.Now = Math.Max(_connections.Now, frame.Time);
        _connections.LookAhead(frame);
        Accept(frame, depth: 0);
    }

    /// <summary>Time goes on though no packet comes.</summary>
    /// <param name="now">Every packet up to this time (ns) was accepted.</param>
    public void Advance(long now)
    {
        _connections.Now = Math.Max(_connections.Now, now);
        _sink.Tell(Totals());
        _connections.Advance();
    }

    /// <summary>The capture is over: every open handshake ends as it stands.</summary>
    public void Finish()
    {
        _connections.Finish();
        _fragments.Finish();
        _counts.AddUndecoded(FrameKind.Fragment, _fragments.Unfinished);
        _counts.AddUndecoded(FrameKind.FragmentConflict, _fragments.Refused);
        foreach (var attempt in _attempts.All) _sink.Tell(attempt);
        _sink.Tell(Totals());
    }

    private CaptureTotals Totals() => _counts.AddTo(new CaptureTotals
    {
        Number = 1,
        LastTime = LastTime,
        Dropped = Dropped,
        TcpSegments = _segments,
        Conversations = _connections.Total,
        ConversationsDropped = _connections.Dropped,
    });

    private void Accept(in Frame frame, int depth)
    {
        var kind = _parsers.Parse(frame, out var segment, out var icmp);
        if (kind != FrameKind.Tcp)
        {
            AcceptOther(kind, frame, segment, icmp, depth);
            return;
        }
        _segments++;
        if (_ports == null || _ports.Contains(segment.Source.Port) || _ports.Contains(segment.Destination.Port))
            _connections.Accept(frame, segment);
    }

    /// <remarks>Rare ways are methods of their own: what they keep on the stack would be cleared for each packet.</remarks>
    private void AcceptOther(FrameKind kind, in Frame frame, in TcpSegment segment, IcmpCode icmp, int depth)
    {
        switch (kind)
        {
            case FrameKind.IcmpError:
                _connections.NoteIcmp(segment, icmp);
                break;
            case FrameKind.Other:
                break;
            case FrameKind.Arp:
                _attempts.NoteArp(segment.Payload, frame.Time);
                break;
            case FrameKind.Fragment when depth < _maxFragmentDepth:
                if (_fragments.Add(segment.Payload, segment.Length, frame.Time) is { } whole)
                    Accept(new Frame(frame.Number, frame.Time, LinkLayer.Raw, whole, whole.Length, frame.Interface), depth + 1);
                break;
            default:
                _counts.AddUndecoded(kind, 1);
                if (kind == FrameKind.Unsupported) _counts.AddUnopened(segment.Unopened);
                break;
        }
    }
}
