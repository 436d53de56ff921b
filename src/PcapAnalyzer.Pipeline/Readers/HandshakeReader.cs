using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Pipeline.Readers.Sessions;

namespace PcapAnalyzer.Pipeline.Readers;

/// <summary>Reads one handshake from its first message to where nothing can change it, and tells what it is.</summary>
internal sealed class HandshakeReader : IStreamReader
{
    private readonly WatchedConnection _connection;
    private readonly IHandshakeProtocol _protocol;
    private readonly ReaderHost _host;
    private readonly bool _fromLow;
    private readonly int _number;
    private HandshakeReading _reading;
    private long _toldTo = long.MinValue;
    private long _stalledAt = long.MinValue;
    private bool _isWithdrawn;

    /// <param name="connection">Whose bytes to read.</param>
    /// <param name="protocol">The protocol that one direction's first bytes are.</param>
    /// <param name="recorder">Knows what was missing before.</param>
    /// <param name="isOtherRejected">The other direction's first bytes were no protocol's.</param>
    /// <param name="fromLow">The direction that begins with a message.</param>
    /// <param name="host">Limits, and who takes the facts.</param>
    internal HandshakeReader(WatchedConnection connection, IHandshakeProtocol protocol, HandshakeRecorder recorder, bool isOtherRejected,
        bool fromLow, ReaderHost host)
    {
        (_connection, _protocol, _host, _fromLow) = (connection, protocol, host, fromLow);
        _reading = new HandshakeReading(protocol, recorder, isOtherRejected, fromLow, host.Limits);
        _number = host.NextHandshake();
        connection.Evidence?.Identify(new EvidenceKey(IsTls: false, _number));
    }

    public bool IsFollowing => !_isWithdrawn;

    private HandshakeRecorder Recorder => _reading.Recorder;

    /// <summary>Reads what has come already.</summary>
    internal void Begin(DirectionReassembler stream)
    {
        var other = _connection.Reassembly!.Of(!stream.FromLow);
        Read(stream);
        Read(other);
    }

    public void OnBytes(DirectionReassembler stream) => Read(stream);

    public void OnGap(DirectionReassembler stream, long length)
    {
        if (_isWithdrawn) return;
        _reading.ReadGap(stream, length);
        if (_reading.IsOver) Detach();
    }

    public void OnAgain(bool fromLow, long offset, ReadOnlySpan<byte> bytes) => Recorder.Compare(fromLow, offset, bytes);

    public void OnEnd()
    {
        if (_connection.Reassembly is { } reassembly)
        {
            reassembly.Finish();
            foreach (var low in (ReadOnlySpan<bool>)[true, false])
            {
                Read(reassembly.Of(low), isAll: true);
                Recorder.Count(reassembly.Of(low));
            }
            if (!_isWithdrawn) Settle(reassembly);
            _connection.EndReassembly();
        }
        if (!_isWithdrawn && Recorder.IsCredible) Tell(Build());
        else _connection.DropEvidence();
    }

    /// <summary>
    /// Tells how far the handshake has come, where that is new, and that somebody has been waiting for too long: once for each step.
    /// </summary>
    /// <param name="now">Frame time, in nanoseconds since 1970.</param>
    internal void OnTime(long now)
    {
        if (_isWithdrawn || !Recorder.IsCredible) return;
        var at = Recorder.LastMessage?.StreamTo ?? 0;
        var isStalled = Recorder.LastMessage is { } last && at != _stalledAt
            && now - last.Time >= (_protocol.WaitLimit(Recorder.State) ?? _host.Limits.LongSilence);
        if (!isStalled && at == _toldTo) return;
        _toldTo = at;
        if (isStalled) _stalledAt = at;
        _host.Tell(Build() with { Stage = isStalled ? HandshakeStage.Stalled : HandshakeStage.UnderWay });
    }

    private Handshake Build() => Recorder.Build(_number, _protocol);

    private void Read(DirectionReassembler stream, bool isAll = false)
    {
        if (_isWithdrawn) return;
        _reading.Read(stream, isAll);
        if (_reading.IsOver) Detach();
    }

    /// <summary>The bytes are of no use any more. What is left waits for the end of the connection.</summary>
    private void Detach()
    {
        Recorder.Count();
        if (_reading.IsWithdrawn) Withdraw();
        else if (_connection.Reassembly is { } reassembly) Settle(reassembly);
        _connection.Reassembly?.Detach();
        if (_isWithdrawn || _connection.Reader != this) return;
        _connection.Reader = null;
        if (!Recorder.IsCredible) return;
        var handshake = Build();
        Tell(handshake);
        var watch = new ConnectionWatch(_connection, _number, Recorder.Ends, handshake.Connection, Recorder.LastMessage, _host);
        _connection.Reader = MayGoOn ? new SessionReader(_connection, _protocol, SessionStart, watch, _host) : watch;
        _connection.Reassembly?.Reader = _connection.Reader;
    }

    /// <summary>A session follows, or may follow where messages are missing.</summary>
    private bool MayGoOn => Recorder.State != HandshakeState.Refused && _connection.Reassembly != null
        && _host.SessionsOf(_protocol) != null;

    private SessionStart SessionStart => new(Recorder.State == HandshakeState.Acknowledged, _number, Recorder.Ends.InitiatorIsLow,
        Recorder.LastMessage?.Time ?? _connection.FirstTime);

    private void Withdraw()
    {
        _isWithdrawn = true;
        _connection.Reader = null;
        if (_toldTo != long.MinValue) _host.Tell(Build() with { Stage = HandshakeStage.Withdrawn });
    }

    /// <summary>Where copies of the same bytes differ, takes those that the rest of the connection bears out.</summary>
    private void Settle(Reassembly reassembly) =>
        _reading = OtherReadings.Best(_reading, reassembly, _connection, _protocol, _fromLow, _host.Limits);

    private void Tell(Handshake handshake)
    {
        _connection.IdentifyEvidence(handshake.Evidence);
        _host.Tell(handshake);
    }
}
