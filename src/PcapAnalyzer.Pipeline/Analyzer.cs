using System.Runtime.CompilerServices;
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
public sealed partial class Analyzer
{
    /// <summary>How many connections each <see cref="Advance"/> checks for expiry.</summary>
    private const int LooksEach = 64;

    private readonly AnalyzerOptions _options;
    private readonly IFactSink _sink;
    private readonly IFrameParser _parser;
    private readonly IFrameParser? _general;
    private readonly FragmentTable _fragments;
    private readonly ConnectionTable _connections;
    private readonly ConnectionsRead _read;
    private readonly SegmentsAside _aside;
    private readonly PendingSyns _syns;
    private readonly HeldBudget _budget;
    private readonly ReaderHost _readers;
    private readonly ConnectionAttempts _attempts;
    private readonly SilentConnections _silent;
    private readonly HashSet<ushort>? _ports;
    private readonly CaptureCounts _counts;
    private long _segments;
    private long _leftAlone;
    private long _lastTime = long.MinValue;

    /// <param name="options">Limits and protocols.</param>
    /// <param name="parser">The parser that every frame goes to first.</param>
    /// <param name="general">Takes what the first does not know; null when there is no other.</param>
    /// <param name="sink">Takes the facts.</param>
    public Analyzer(AnalyzerOptions options, IFrameParser parser, IFrameParser? general, IFactSink sink)
    {
        _options = options;
        _sink = sink;
        _counts = new CaptureCounts(options);
        _ports = options.Ports.Count == 0 ? null : [.. options.Ports];
        _parser = parser;
        _general = general;
        _fragments = new FragmentTable(options.Packets);
        _budget = new HeldBudget(options.Connections.MaxHeldBytesInAll);
        _readers = new ReaderHost(options, _budget, sink);
        _attempts = new ConnectionAttempts(options.Readers.MaxAttempts, options.Readers.MaxArpRequests);
        _silent = new SilentConnections(options.Readers.MaxSilent, sink);
        _connections = new ConnectionTable(options.Connections, OnConnectionEnded);
        _aside = new SegmentsAside(options.Connections.MaxAsideBytes);
        _syns = new PendingSyns(options.Connections.MaxSynsAside);
        _read = new ConnectionsRead(options.Connections.MaxConnectionsRead, Conclude);
        if (options.Evidence is { } limits) Evidence = new EvidenceStore(limits);
    }

    /// <summary>The frames of handshakes; null unless <see cref="AnalyzerOptions.Evidence"/> asks for them.</summary>
    public EvidenceStore? Evidence { get; }

    /// <summary>Time of the last packet, or what <see cref="Advance"/> told, in nanoseconds since 1970.</summary>
    public long LastTime => _lastTime;

    /// <summary>Connections under way.</summary>
    public int OpenConversations => _connections.Count;

    /// <summary>Packets that the capture dropped so far, if its source counts them.</summary>
    public long Dropped { get; set; }

    /// <summary>Takes one frame; its bytes may go once this returns.</summary>
    public void Accept(in Frame frame)
    {
        _lastTime = Math.Max(_lastTime, frame.Time);
        if (_connections.IsLarge && frame.Link == LinkLayer.En10Mb && PlainFrame.TryReadFlow(frame.Ahead, out var later, out _))
            _connections.Fetch(later);
        Accept(frame, depth: 0);
    }

    /// <summary>Time goes on though no packet comes.</summary>
    /// <param name="now">Every packet up to this time (ns) was accepted.</param>
    public void Advance(long now)
    {
        _lastTime = Math.Max(_lastTime, now);
        _sink.Tell(Totals());
        _connections.Expire(_lastTime, LooksEach);
        foreach (var connection in _read.All.ToArray())
        {
            connection.Reassembly?.Pump(_lastTime);
            if (connection.Reader is HandshakeReader reader) reader.OnTime(_lastTime);
        }
        foreach (var session in _readers.OpenSessions) session.OnTime();
    }

    /// <summary>The capture is over: every open handshake ends as it stands.</summary>
    public void Finish()
    {
        _connections.EndAll();
        _fragments.Finish();
        _counts.AddUndecoded(FrameKind.Fragment, _fragments.Unfinished);
        _counts.AddUndecoded(FrameKind.FragmentConflict, _fragments.Refused);
        foreach (var attempt in _attempts.All) _sink.Tell(attempt);
        _sink.Tell(Totals());
    }

    private CaptureTotals Totals() => _counts.AddTo(new CaptureTotals
    {
        Number = 1,
        LastTime = _lastTime,
        Dropped = Dropped,
        TcpSegments = _segments,
        Conversations = _connections.Total,
        ConversationsDropped = _connections.Dropped + _read.Dropped + _leftAlone,
    });

    private void Accept(in Frame frame, int depth)
    {
        var kind = Parse(frame, out var segment, out var icmp);
        if (kind == FrameKind.Tcp) AcceptTcp(frame, segment);
        else AcceptOther(kind, frame, segment, icmp, depth);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private FrameKind Parse(in Frame frame, out TcpSegment segment, out IcmpCode icmp)
    {
        var kind = _parser.Parse(frame, out segment, out icmp);
        return kind == FrameKind.Unsupported && !segment.Unopened.IsSet && _general != null
            ? _general.Parse(frame, out segment, out icmp) : kind;
    }

    /// <returns>The place of the connection that a segment belongs to, or -1.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Find(in TcpSegment segment)
    {
        var place = _connections.Find(segment.Flow);
        return place >= 0 && _connections[place].Twin != 0 ? _connections.Choose(segment) : place;
    }

    /// <remarks>Rare ways are methods of their own: what they keep on the stack would be cleared for each packet.</remarks>
    private void AcceptOther(FrameKind kind, in Frame frame, in TcpSegment segment, IcmpCode icmp, int depth)
    {
        switch (kind)
        {
            case FrameKind.IcmpError:
                if (Find(segment) is >= 0 and var quoted) _connections[quoted].Icmp = icmp;
                break;
            case FrameKind.Other:
                break;
            case FrameKind.Arp:
                _attempts.NoteArp(segment.Payload, frame.Time);
                break;
            case FrameKind.Fragment when depth < _options.Packets.MaxFragmentDepth:
                if (_fragments.Add(segment.Payload, segment.Length, frame.Time) is { } whole)
                    Accept(new Frame(frame.Number, frame.Time, LinkLayer.Raw, whole, whole.Length, frame.Interface), depth + 1);
                break;
            default:
                _counts.AddUndecoded(kind, 1);
                if (kind == FrameKind.Unsupported) _counts.AddUnopened(segment.Unopened);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AcceptTcp(in Frame frame, in TcpSegment segment)
    {
        _segments++;
        if (_ports != null && !_ports.Contains(segment.Source.Port) && !_ports.Contains(segment.Destination.Port)) return;
        var place = _connections.Find(segment.Flow);
        if (place < 0)
        {
            Open(frame, segment);
            return;
        }
        ref var known = ref _connections[place];
        if (known.Twin != 0) known = ref _connections[place = _connections.Choose(segment)];
        // Most packets of a capture take this way: nobody reads their connection, and they cannot begin another.
        if (known.IsDetached && !known.IsLeft && !segment.Has(TcpFlags.Syn))
        {
            if (!known.IsFirst(segment) || !BeginsAgain(place, frame, segment)) known.Count(frame, segment);
        }
        else if (!BeginsAnother(ref place, frame, segment)) Follow(place, frame, segment);
    }

    /// <summary>The connection of a segment may be over, or no longer the one that it belongs to.</summary>
    /// <remarks>
    /// One that is not closed stays as a twin of the next: another network may have the same addresses and ports, and what its host sends
    /// later would spoil the next.
    /// </remarks>
    /// <param name="place">The place of the connection that the segment fits best; another once an older SYN has begun one.</param>
    /// <returns>True when the segment was taken.</returns>
    private bool BeginsAnother(ref int place, in Frame frame, in TcpSegment segment)
    {
        ref var known = ref _connections[place];
        if (_syns.AnsweredBy(segment) is { } syn)
        {
            if (known.IsClosed) _connections.End(place);
            var frameOfSyn = syn.ToFrame();
            if (Parse(frameOfSyn, out var opening, out _) == FrameKind.Tcp) Open(frameOfSyn, opening);
            place = Find(segment);
            if (place >= 0) return false;
        }
        else if (!known.IsReusedBy(segment) && !(known.IsFinished && !known.IsSynAgain(segment) && _connections.HasExpired(place, frame.Time)))
            return false;
        else if (known.IsConnected && !segment.Has(TcpFlags.Ack))
        {
            _syns.Add(frame, segment, ref known);
            return true;
        }
        else if (known.IsClosed) _connections.End(place);
        Open(frame, segment);
        return true;
    }

    /// <summary>
    /// The first bytes of a settled connection come again. Where this copy is a handshake's, the first one was forged or died on its way.
    /// </summary>
    private bool BeginsAgain(int place, in Frame frame, in TcpSegment segment)
    {
        ref var flow = ref _connections[place];
        if (flow.Direction(!segment.FromLow).SeenTo > 0 || !Prober.IsHandshake(segment.Payload, _options)) return false;
        flow.Unsettle();
        flow.Direction(segment.FromLow).SeenTo = 0;
        _connections.Watch(place).IsContested = true;
        Follow(place, frame, segment);
        return true;
    }

    private void Open(in Frame frame, in TcpSegment segment)
    {
        // What carries neither a SYN nor data begins nothing: the last words of a connection that is over.
        if (!segment.Has(TcpFlags.Syn) && segment.Length == 0) return;
        var place = _connections.Add(segment.Flow, frame.Time);
        if (_readers.Lookups.Any) _readers.Lookups.NoteDial(segment.Source, segment.Destination);
        _counts.AddConversation(segment);
        if (Evidence != null) _connections.Watch(place).Evidence = Evidence.Open();
        Follow(place, frame, segment);
    }

    /// <summary>Takes a segment of an open connection.</summary>
    private void Follow(int place, in Frame frame, in TcpSegment segment)
    {
        ref var flow = ref _connections[place];
        if (flow.IsDetached)
        {
            flow.Count(frame, segment);
            return;
        }
        var connection = _connections.WatchedAt(place);
        if (connection == null && !flow.IsSettled && (segment.Length > 0 || flow.Aside != 0))
        {
            if (SetAside(ref flow, frame, segment)) return;
            if (flow.Aside != 0)
            {
                FollowAgain(place);
                Follow(place, frame, segment);
                return;
            }
        }
        if (segment.Length > 0 && !flow.IsSettled && connection?.Reassembly == null)
        {
            // The first data: most show at a glance that they are no handshake's.
            if (flow.IsFirst(segment) && Prober.IsHopeless(flow, segment.Payload, segment.FromLow, _options))
            {
                flow.Settle();
                connection?.Settle();
                flow.Count(frame, segment);
                return;
            }
            Begin(connection ??= _connections.Watch(place));
        }
        // Data that was captured after the FIN or RST may need to know where the connection ended.
        if (segment.Has(TcpFlags.Fin | TcpFlags.Rst)) connection ??= _connections.Watch(place);
        flow.Follow(frame, segment, connection);
        if (connection is { Reader: not null, IsDone: true }) Conclude(connection);
    }

    private void Begin(WatchedConnection connection)
    {
        connection.Reader = new Prober(connection, _readers);
        connection.Reassembly = new Reassembly(connection, connection.Reader, _options.Connections, _budget);
        _read.Add(connection);
    }

    /// <summary>Tells the reader that nothing more will come. The bare connection stays, to know late copies by.</summary>
    private static void Conclude(WatchedConnection connection)
    {
        var reader = connection.Reader;
        connection.Reader = null; // cleared first, so that OnEnd tells the handshake only once
        reader?.OnEnd();
        var evidence = connection.Evidence;
        connection.Evidence = null;
        evidence?.Close();
        connection.Settle();
    }

    private void OnConnectionEnded(ref Connection flow, WatchedConnection? connection)
    {
        _aside.Drop(ref flow.Aside);
        _attempts.Note(ref flow);
        _silent.Note(ref flow, connection, _lastTime);
        if (connection != null) Conclude(connection);
    }
}
