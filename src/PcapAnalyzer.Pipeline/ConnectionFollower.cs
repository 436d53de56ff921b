using System.Runtime.CompilerServices;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Readers;

namespace PcapAnalyzer.Pipeline;

/// <summary>Finds the connection of each segment, and follows it as long as somebody reads it.</summary>
internal sealed class ConnectionFollower
{
    /// <summary>How many connections each <see cref="Advance"/> checks for expiry.</summary>
    private const int LooksEach = 64;

    private readonly AnalyzerOptions _options;
    private readonly FrameParsers _parsers;
    private readonly CaptureCounts _counts;
    private readonly ReaderHost _readers;
    private readonly ConnectionAttempts _attempts;
    private readonly EvidenceStore? _evidence;
    private readonly ConnectionTable _connections;
    private readonly ConnectionsRead _read;
    private readonly SegmentsAside _aside;
    private readonly PendingSyns _syns;
    private readonly HeldBudget _budget;
    private readonly SilentConnections _silent;
    private long _leftAlone;

    /// <param name="options">Limits and protocols.</param>
    /// <param name="parsers">Parse what was set aside once more.</param>
    /// <param name="counts">Takes what is counted over all connections.</param>
    /// <param name="attempts">Takes connections that never opened.</param>
    /// <param name="evidence">Keeps frames of handshakes; null to keep none.</param>
    /// <param name="sink">Takes the facts.</param>
    internal ConnectionFollower(AnalyzerOptions options, FrameParsers parsers, CaptureCounts counts, ConnectionAttempts attempts,
        EvidenceStore? evidence, IFactSink sink)
    {
        (_options, _parsers, _counts, _attempts, _evidence) = (options, parsers, counts, attempts, evidence);
        _budget = new HeldBudget(options.Connections.MaxHeldBytesInAll);
        _readers = new ReaderHost(options, _budget, sink);
        _silent = new SilentConnections(options.Readers.MaxSilent, sink);
        _connections = new ConnectionTable(options.Connections, OnConnectionEnded);
        _aside = new SegmentsAside(options.Connections.MaxAsideBytes);
        _syns = new PendingSyns(options.Connections.MaxSynsAside);
        _read = new ConnectionsRead(options.Connections.MaxConnectionsRead, Conclude);
    }

    /// <summary>Time of the last packet, or until which all packets were told (ns since 1970).</summary>
    internal long Now { get; set; } = long.MinValue;

    /// <summary>Connections under way.</summary>
    internal int Open => _connections.Count;

    /// <summary>Connections seen so far.</summary>
    internal long Total => _connections.Total;

    /// <summary>Connections that a limit took from sight while they were still of interest.</summary>
    internal long Dropped => _connections.Dropped + _read.Dropped + _leftAlone;

    /// <summary>Fetches into the cache what <see cref="Accept"/> will need for a frame a few packets later.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void LookAhead(in Frame frame)
    {
        if (_connections.IsLarge && frame.Link == LinkLayer.En10Mb && PlainFrame.TryReadFlow(frame.Ahead, out var later, out _))
            _connections.Fetch(later);
    }

    /// <summary>Time goes on though no packet comes.</summary>
    internal void Advance()
    {
        _connections.Expire(Now, LooksEach);
        foreach (var connection in _read.All.ToArray())
        {
            connection.Reassembly?.Pump(Now);
            if (connection.Reader is HandshakeReader reader) reader.OnTime(Now);
        }
        foreach (var session in _readers.OpenSessions) session.OnTime(Now);
    }

    /// <summary>The capture is over: every open handshake ends as it stands.</summary>
    internal void Finish() => _connections.EndAll();

    /// <summary>An ICMP error quoted a segment of a connection.</summary>
    internal void NoteIcmp(in TcpSegment segment, IcmpCode icmp)
    {
        if (Find(segment) is >= 0 and var quoted) _connections[quoted].Icmp = icmp;
    }

    /// <returns>The place of the connection that a segment belongs to, or -1.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Find(in TcpSegment segment)
    {
        var place = _connections.Find(segment.Flow);
        return place >= 0 && _connections[place].Twin != 0 ? _connections.Choose(segment) : place;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Accept(in Frame frame, in TcpSegment segment)
    {
        var place = _connections.Find(segment.Flow);
        if (place < 0)
        {
            Begin(frame, segment);
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
            if (_parsers.Parse(frameOfSyn, out var opening, out _) == FrameKind.Tcp) Begin(frameOfSyn, opening);
            place = Find(segment);
            if (place >= 0) return false;
        }
        else if (!known.IsReusedBy(segment)
            && !(known.IsFinished && !known.IsSynAgain(segment) && _connections.HasExpired(place, frame.Time)))
            return false;
        else if (known.IsConnected && !segment.Has(TcpFlags.Ack))
        {
            _syns.Add(frame, segment, ref known);
            return true;
        }
        else if (known.IsClosed) _connections.End(place);
        Begin(frame, segment);
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

    private void Begin(in Frame frame, in TcpSegment segment)
    {
        // What carries neither a SYN nor data begins nothing: the last words of a connection that is over.
        if (!segment.Has(TcpFlags.Syn) && segment.Length == 0) return;
        var place = _connections.Add(segment.Flow, frame.Time);
        if (_readers.Lookups.Any) _readers.Lookups.NoteDial(segment.Source, segment.Destination);
        _counts.AddConversation(segment);
        if (_evidence != null) _connections.Watch(place).Evidence = _evidence.Open();
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
            Read(connection ??= _connections.Watch(place));
        }
        // Data that was captured after the FIN or RST may need to know where the connection ended.
        if (segment.Has(TcpFlags.Fin | TcpFlags.Rst)) connection ??= _connections.Watch(place);
        flow.Follow(frame, segment, connection);
        if (connection is { Reader: not null, IsDone: true }) Conclude(connection);
    }

    private void Read(WatchedConnection connection)
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
        _silent.Note(ref flow, connection, Now);
        if (connection != null) Conclude(connection);
    }

    /// <summary>Keeps a segment of a connection that began before the capture, and settles the connection once there are enough.</summary>
    /// <returns>False when it must be followed, and what was set aside before it.</returns>
    private bool SetAside(ref Connection flow, in Frame frame, in TcpSegment segment)
    {
        var (bytes, segments) = _aside.SizeOf(flow.Aside);
        if (!flow.IsMidstream(segment) || segments > _options.Connections.HoleSegments) return false;
        var isFirst = segment.Length > 0 && flow.Direction(segment.FromLow).SeenTo == 0;
        if (isFirst && (!Prober.IsHopeless(flow, segment.Payload, segment.FromLow, _options) || _readers.IsSession(segment.Payload)))
            return false;
        flow.Follow(frame, segment, null);
        // Both directions begin with what is no handshake's, as far as segments before the first may have come late; or one is long.
        if (bytes + segment.Length > _options.Readers.MaxMidstreamBytes
            || (flow is { Low.SeenTo: > 0, High.SeenTo: > 0 } && segments >= _options.Connections.StartSegments))
        {
            flow.Settle();
            _aside.Drop(ref flow.Aside);
        }
        else if (!_aside.TryAdd(ref flow.Aside, frame, segment))
        {
            flow.Settle();
            _leftAlone++;
        }
        return true;
    }

    /// <summary>Follows what was set aside of a connection as if it came only now.</summary>
    private void FollowAgain(int place)
    {
        ref var flow = ref _connections[place];
        var segments = _aside.Take(ref flow.Aside);
        var (first, twin) = (flow.FirstTime, flow.Twin);
        flow = new Connection { Key = flow.Key, IsOpen = true, FirstTime = first, LastTime = first, Icmp = flow.Icmp, Twin = twin };
        Read(_connections.Watch(place));
        while (SegmentsAside.TryNext(ref segments, flow.Key, out var frame, out var segment)) Follow(place, frame, segment);
    }
}
