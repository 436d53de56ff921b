using System.Buffers;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Pipeline.Protocols.Epmd;
using PcapAnalyzer.Pipeline.Protocols.Tls;
using PcapAnalyzer.Pipeline.Readers.Sessions;

namespace PcapAnalyzer.Pipeline.Readers;

/// <summary>Looks at the first bytes of a connection, finds what they are by content, and hands over to the reader of that.</summary>
internal sealed class Prober(WatchedConnection connection, ReaderHost host) : IStreamReader
{
    private readonly HandshakeRecorder _recorder = new(connection, host.Limits);
    private IStreamReader? _next;
    private TlsReader? _tls;
    private bool _isLowRejected;
    private bool _isHighRejected;
    private long _rejectedBytes;

    public bool IsFollowing => false;

    /// <summary>The first bytes of a direction are no handshake's, nor anything else that is looked at: no reader is needed.</summary>
    internal static bool IsHopeless(in Connection flow, ReadOnlySpan<byte> start, bool fromLow, AnalyzerOptions options)
    {
        var from = !flow.HasBothSyns || flow.DialledByLow is not { } low ? (Role?)null : low == fromLow ? Role.Initiator : Role.Acceptor;
        // Some servers greet first: a node may dial one in vain.
        if (from == Role.Acceptor && IsGreeting(start)) return false;
        return !TlsRecord.IsAt(start) && !TlsRecord.MayBeAt(start)
            && ProtocolOf(start, from, start.Length >= options.Readers.MaxProbeBytes, options, out _) == OperationStatus.InvalidData
            && (from != Role.Initiator || !EpmdMessage.MayBeRequest(start));
    }

    /// <summary>An initiator's first bytes are a name, as far as they go.</summary>
    internal static bool IsHandshake(ReadOnlySpan<byte> start, AnalyzerOptions options) =>
        ProtocolOf(start, Role.Initiator, isAll: true, options, out _) == OperationStatus.Done;

    private static bool IsGreeting(ReadOnlySpan<byte> start) => OtherServices.NameOf(start) != null || OtherServices.MayBe(start);

    public void OnBytes(DirectionReassembler stream) => Probe(stream, isAll: stream.Buffer.Unread.Length >= host.Limits.MaxProbeBytes);

    public void OnGap(DirectionReassembler stream, long length)
    {
        if (!stream.Buffer.Unread.IsEmpty) Probe(stream, isAll: true);
        if (_next != null)
        {
            _next.OnGap(stream, length);
            return;
        }
        _tls?.OnGap(stream, length);
        _recorder.AddGap(stream, length);
    }

    public void OnEnd()
    {
        if (connection.Reassembly is { } reassembly)
        {
            reassembly.Finish();
            foreach (var low in (ReadOnlySpan<bool>)[true, false])
                if (_next == null && !reassembly.Of(low).Buffer.Unread.IsEmpty) Probe(reassembly.Of(low), isAll: true);
        }
        if ((_next ?? _tls) is { } reader)
        {
            reader.OnEnd();
            return;
        }
        connection.EndReassembly();
        connection.DropEvidence();
    }

    /// <summary>Asks each protocol whether such first bytes are its own.</summary>
    private static OperationStatus ProtocolOf(ReadOnlySpan<byte> start, Role? from, bool isAll, AnalyzerOptions options,
        out IHandshakeProtocol? protocol)
    {
        var answer = OperationStatus.InvalidData;
        protocol = null;
        // Who dials speaks first; where nothing is missing, what an acceptor says first is no answer to a name.
        if (from == Role.Acceptor) return answer;
        for (var i = 0; i < options.Protocols.Count; i++)
        {
            var one = options.Protocols[i];
            var status = one.Probe(start, from, isAll);
            if (status == OperationStatus.NeedMoreData) answer = status;
            if (status != OperationStatus.Done) continue;
            protocol = one;
            return status;
        }
        return answer;
    }

    private void Probe(DirectionReassembler stream, bool isAll)
    {
        var bytes = stream.Buffer.Unread;
        if (!IsRejected(stream.FromLow))
        {
            var from = _recorder.FirstSpeaker(stream.FromLow);
            // A greeting waits: what the initiator says tells whether a node dialled.
            if (from == Role.Acceptor && !IsRejected(!stream.FromLow) && stream.Buffer.Room > 0 && IsGreeting(bytes)) return;
            if (from == Role.Initiator && EpmdMessage.MayBeRequest(bytes))
            {
                connection.DropEvidence();
                HandOver(new EpmdReader(connection, stream.FromLow, host)).OnBytes(stream);
                return;
            }
            var status = ProtocolOf(bytes, from, isAll, host.Options, out var protocol);
            if (protocol != null)
            {
                var reader = new HandshakeReader(connection, protocol, _recorder, isOtherRejected: IsRejected(!stream.FromLow),
                    stream.FromLow, host);
                HandOver(reader);
                reader.Begin(stream);
                return;
            }
            if (from == null && TryBeginSession(stream)) return;
            if (status == OperationStatus.NeedMoreData || (!isAll && TlsRecord.MayBeAt(bytes))) return;
            Reject(stream.FromLow, bytes);
        }
        _rejectedBytes += bytes.Length;
        if (_tls?.Reads(stream.FromLow) ?? false) _tls.OnBytes(stream);
        else stream.Buffer.Advance(bytes.Length);
        if (_isLowRejected && _isHighRejected && _tls is { ReadsBoth: true }) HandOver(_tls);
        else if (IsHopeless(stream)) Detach();
    }

    /// <summary>The capture began while two nodes were connected: their messages tell.</summary>
    private bool TryBeginSession(DirectionReassembler stream)
    {
        foreach (var (protocol, sessions) in host.SessionProtocols)
        {
            if (sessions.Probe(stream.Buffer.Unread) != OperationStatus.Done && !HasTicks(sessions, stream)) continue;
            connection.DropEvidence();
            var start = new SessionStart(IsAcknowledged: false, Handshake: 0, connection.DialledByLow, connection.FirstTime);
            HandOver(new SessionReader(connection, protocol, start, watch: null, host));
            connection.Reassembly?.Detach();
            return true;
        }
        return false;
    }

    /// <summary>Two ticks, each a segment of its own, and nothing else.</summary>
    private static bool HasTicks(ISessionProtocol sessions, DirectionReassembler stream) =>
        sessions.TryReadFrame(stream.Buffer.Unread, out var frame) == OperationStatus.Done && frame.Body == 0
        && stream.Buffer.Unread.Length >= 2 * frame.Header && !stream.Buffer.Unread.ContainsAnyExcept((byte)0)
        && stream.Buffer.Pieces.Count() * frame.Header == stream.Buffer.Unread.Length;

    private bool IsRejected(bool low) => low ? _isLowRejected : _isHighRejected;

    private void Reject(bool low, ReadOnlySpan<byte> bytes)
    {
        if (low) _isLowRejected = true;
        else _isHighRejected = true;
        if (TlsRecord.IsAt(bytes)) (_tls ??= new TlsReader(connection, _recorder, host)).Begin(low);
    }

    /// <summary>First bytes that are no handshake's settle it for the whole connection, unless TLS may still say why it fails.</summary>
    private bool IsHopeless(DirectionReassembler stream) =>
        _rejectedBytes > (_tls == null ? host.Limits.MaxMidstreamBytes : host.Limits.MaxRejectedBytes)
        || (_isLowRejected && _isHighRejected)
        || (!stream.StartMissing && stream.MissingBytes == 0 && !(_tls?.Reads(stream.FromLow) ?? false));

    private void Detach()
    {
        if (_tls != null) HandOver(_tls);
        else connection.Reader = null;
        _recorder.Count();
        connection.Reassembly?.Detach();
    }

    private IStreamReader HandOver(IStreamReader next)
    {
        _next = next;
        connection.HandOver(next);
        return next;
    }
}
