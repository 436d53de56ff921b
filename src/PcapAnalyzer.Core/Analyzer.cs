using System.Runtime.CompilerServices;
using PcapAnalyzer.Core.Cluster;
using PcapAnalyzer.Core.Cluster.Epmd;
using PcapAnalyzer.Core.Handshakes;
using PcapAnalyzer.Core.Packets;
using PcapAnalyzer.Core.Streams;

namespace PcapAnalyzer.Core;

/// <summary>The pipeline: frames in, facts of handshakes out. One thread at a time. Nothing here is concluded.</summary>
/// <remarks>
/// Frame → segment (<see cref="IFrameParser"/>) → conversation (<see cref="ConversationTable"/>) → ordered bytes
/// (<see cref="Reassembly"/>) → messages and states (<see cref="HandshakeFollower"/>) → <see cref="Handshake"/>.
/// A conversation that is no handshake is detached after its first bytes: then only counters move.
/// </remarks>
public sealed class Analyzer : IHandshakeSink
{
    /// <summary>Conversations that each <see cref="Advance"/> looks at, whether they have expired.</summary>
    private const int LooksEach = 64;

    private readonly AnalyzerOptions _options;
    private readonly IFrameParser _parser;
    private readonly IFrameParser? _general;
    private readonly FragmentTable _fragments;
    private readonly ConversationTable _conversations;
    private readonly ConversationsRead _read;
    private readonly SynsAside _syns;
    private readonly HeldBudget _budget;
    private readonly List<Handshake> _tls = [];
    private readonly List<EpmdExchange> _epmd = [];
    private readonly ConnectionAttempts _attempts;
    private readonly HashSet<ushort>? _ports;
    private readonly Dictionary<FrameKind, long> _frames = [];
    private long _tcp;
    private long _lost;
    private int _lastId;
    private long _lastTime = long.MinValue;

    /// <param name="options">Limits and protocols.</param>
    /// <param name="ring">The cookies that proofs are checked with.</param>
    /// <param name="parser">The parser every frame goes to first.</param>
    /// <param name="general">Takes what the first does not know; null when there is no other.</param>
    public Analyzer(AnalyzerOptions options, CookieRing ring, IFrameParser parser, IFrameParser? general)
    {
        _options = options;
        Cluster = new ClusterView(ring, options.Protocols) { Pseudonyms = options.Pseudonyms };
        _ports = options.Ports.Count == 0 ? null : [.. options.Ports];
        _parser = parser;
        _general = general;
        _fragments = new FragmentTable(options);
        _budget = new HeldBudget(options.MaxHeldBytesInAll);
        _attempts = new ConnectionAttempts(options.MaxSightings);
        _conversations = new ConversationTable(options, OnConversationEnded);
        _syns = new SynsAside(options.MaxSynsAside);
        _read = new ConversationsRead(options.MaxConversationsRead, Conclude);
        if (options.KeepsEvidence) Evidence = new EvidenceStore(options);
    }

    /// <summary>What was found so far; whole once <see cref="Finish"/> was called.</summary>
    public ClusterView Cluster { get; }

    /// <summary>The frames of handshakes; null unless <see cref="AnalyzerOptions.KeepsEvidence"/>.</summary>
    public EvidenceStore? Evidence { get; }

    /// <summary>
    /// Is told of each handshake as soon as its outcome is decided, once more when its connection is over, and in between
    /// when somebody waits for longer than is usual, as far as <see cref="Advance"/> tells the time.
    /// </summary>
    public Action<Handshake>? HandshakeKnown { get; set; }

    /// <summary>Time of the last packet, or what <see cref="Advance"/> told, in nanoseconds since 1970.</summary>
    public long LastTime => _lastTime;

    /// <summary>Conversations under way.</summary>
    public int OpenConversations => _conversations.Count;

    /// <summary>Handshakes that are still going on, as far as they have come.</summary>
    public IEnumerable<Handshake> OpenHandshakes => _read.All.Select(conversation => conversation.Reader).OfType<HandshakeFollower>().Where(follower => follower.IsUnderWay).Select(follower => Cluster.Handshakes.Whole(follower.Build()));

    /// <summary>Packets that the capture lost by now, as far as its source counts them.</summary>
    public long Dropped { get; set; }

    /// <summary>Takes one frame; its bytes may go once this returns.</summary>
    public void Accept(in Frame frame)
    {
        _lastTime = Math.Max(_lastTime, frame.Time);
        Accept(frame, depth: 0);
    }

    /// <summary>Time goes on though no packet comes.</summary>
    /// <param name="now">Every packet up to this time (ns) was accepted.</param>
    public void Advance(long now)
    {
        _lastTime = Math.Max(_lastTime, now);
        Cluster.Advance(_lastTime, Dropped);
        _conversations.Expire(_lastTime, LooksEach);
        foreach (var conversation in _read.All.ToArray())
        {
            conversation.Reassembly?.Pump(_lastTime);
            if (conversation.Reader is HandshakeFollower follower && follower.IsStalled(_lastTime)) HandshakeKnown?.Invoke(Cluster.Handshakes.Whole(follower.Build()));
        }
    }

    private void Accept(in Frame frame, int depth)
    {
        var kind = _parser.Parse(frame, out var segment, out var icmp);
        if (kind == FrameKind.Unsupported && _general != null) kind = _general.Parse(frame, out segment, out icmp);
        switch (kind)
        {
            case FrameKind.Tcp:
                _tcp++;
                AcceptSegment(frame, segment);
                break;
            case FrameKind.IcmpError:
                if (_conversations.Find(segment.Flow) is >= 0 and var quoted) _conversations[quoted].Icmp = icmp;
                break;
            case FrameKind.Other:
                break;
            case FrameKind.Fragment when depth < _options.MaxFragmentDepth:
                if (_fragments.Add(segment.Payload, segment.Length, frame.Time) is { } whole)
                    Accept(new Frame(frame.Number, frame.Time, LinkLayer.Raw, whole, whole.Length, frame.Interface), depth + 1);
                break;
            default:
                _frames[kind] = _frames.GetValueOrDefault(kind) + 1;
                break;
        }
    }

    /// <summary>The capture is over: every open handshake ends as it stands.</summary>
    public CaptureFacts Finish()
    {
        _conversations.EndAll();
        _fragments.Finish();
        foreach (var (kind, count) in ((FrameKind, long)[])[(FrameKind.Fragment, _fragments.Unfinished), (FrameKind.FragmentConflict, _fragments.Refused)])
            if (count > 0) _frames[kind] = _frames.GetValueOrDefault(kind) + count;
        var facts = new CaptureFacts
        {
            TlsSessions = [.. _tls],
            Attempts = _attempts.All,
            Epmd = [.. _epmd],
            LastTime = _lastTime,
            Dropped = Dropped,
            TcpSegments = _tcp,
            Conversations = _conversations.Total,
            ConversationsDropped = _conversations.Dropped + _read.Dropped,
            HandshakesDropped = _lost,
            Undecoded = _frames,
        };
        Cluster.Complete(facts);
        return facts;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AcceptSegment(in Frame frame, in TcpSegment segment)
    {
        if (_ports != null && !_ports.Contains(segment.Source.Port) && !_ports.Contains(segment.Destination.Port)) return;
        var place = _conversations.Find(segment.Flow);
        if (place >= 0)
        {
            // Most packets of a capture: of a conversation that nobody reads, and nothing that might begin another.
            ref var known = ref _conversations[place];
            if (known.IsDetached && !known.IsLeft && !segment.Has(TcpFlags.Syn))
            {
                known.Count(frame, segment);
                return;
            }
            if (_syns.AnsweredBy(segment) is { } syn)
            {
                _conversations.End(place);
                _tcp--; // it was counted when it came
                Accept(syn.ToFrame(), depth: 0);
                place = _conversations.Find(segment.Flow);
            }
            else if (known.IsReusedBy(segment) || (known.IsFinished && _conversations.HasExpired(place, frame.Time)))
            {
                if (known.IsConnected && !segment.Has(TcpFlags.Ack))
                {
                    _syns.Add(frame, segment, ref known);
                    return;
                }
                _conversations.End(place);
                place = -1;
            }
        }
        if (place < 0)
        {
            // What carries neither a SYN nor data begins nothing: the last words of a conversation that is over.
            if (!segment.Has(TcpFlags.Syn) && segment.Length == 0) return;
            place = _conversations.Add(segment.Flow, frame.Time);
            if (Evidence != null) _conversations.Watch(place).Evidence = Evidence.Open();
        }
        ref var flow = ref _conversations[place];
        if (flow.IsDetached) flow.Count(frame, segment);
        else Follow(place, frame, segment);
    }

    private void Follow(int place, in Frame frame, in TcpSegment segment)
    {
        ref var flow = ref _conversations[place];
        var conversation = _conversations.WatchedAt(place);
        if (segment.Length > 0 && !flow.IsSettled && conversation?.Reassembly == null)
        {
            // The first data: most show at a glance that they are no handshake's.
            if (flow.IsFirst(segment) && HandshakeFollower.IsHopeless(flow, segment.Payload, segment.FromLow, _options, this))
            {
                flow.IsSettled = true;
                conversation?.Settle();
                flow.Count(frame, segment);
                return;
            }
            Begin(conversation ??= _conversations.Watch(place));
        }
        // When it closed, data may want to know that a capture holds behind it.
        if (segment.Has(TcpFlags.Fin | TcpFlags.Rst)) conversation ??= _conversations.Watch(place);
        flow.Follow(frame, segment, conversation);
        if (conversation is { Reader: not null, IsDone: true }) Conclude(conversation);
    }

    private void Begin(Conversation conversation)
    {
        var follower = new HandshakeFollower(conversation, _options, this);
        conversation.Reader = follower;
        conversation.Reassembly = new Reassembly(conversation, follower, _options, _budget);
        _read.Add(conversation);
    }

    /// <summary>Tells the reader that nothing more will come. The bare conversation stays, to know late copies by.</summary>
    private static void Conclude(Conversation conversation)
    {
        var reader = conversation.Reader;
        conversation.Reader = null; // what the last bytes decide, its end tells: once
        reader?.OnEnd();
        var evidence = conversation.Evidence;
        conversation.Evidence = null;
        evidence?.Close();
        conversation.Settle();
    }

    private void OnConversationEnded(ref Flow flow, Conversation? conversation)
    {
        _attempts.Note(ref flow);
        if (conversation != null) Conclude(conversation);
    }

    int IHandshakeSink.NextId() => ++_lastId;

    int IHandshakeSink.OnHandshake(Handshake handshake)
    {
        if (handshake.Protocol == null ? _tls.Count >= _options.MaxSightings : Cluster.Handshakes.Size >= _options.MaxHandshakeBytes)
        {
            _lost++;
            return 0;
        }
        if (handshake.Protocol == null)
        {
            _tls.Add(handshake with { TlsSession = _tls.Count + 1 });
            return _tls[^1].EvidenceKey;
        }
        Cluster.Add(handshake);
        HandshakeKnown?.Invoke(Cluster.Handshakes[handshake.Id]);
        return handshake.EvidenceKey;
    }

    void IHandshakeSink.OnConnectionEnd(int id, ConnectionFacts connection, long started)
    {
        if (!Cluster.Handshakes.Contains(id)) return;
        Cluster.Update(id, connection, started);
        HandshakeKnown?.Invoke(Cluster.Handshakes[id]);
    }

    bool IHandshakeSink.TakesOver(ReadOnlySpan<byte> start) => EpmdMessage.MayBeRequest(start);

    IStreamReader IHandshakeSink.TakeOver(Conversation conversation, bool dialledByLow)
    {
        conversation.DropEvidence();
        return new EpmdReader(conversation, dialledByLow, OnEpmd);
    }

    private void OnEpmd(EpmdExchange exchange)
    {
        if (_epmd.Count >= _options.MaxSightings)
        {
            _lost++;
            return;
        }
        _epmd.Add(exchange);
        Cluster.Add(exchange);
    }
}
