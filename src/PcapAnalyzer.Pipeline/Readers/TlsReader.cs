using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Pipeline.Protocols.Tls;

namespace PcapAnalyzer.Pipeline.Readers;

/// <summary>
/// Reads a connection that begins with TLS: what its two sides say in the clear of why they cannot agree, and, where it is short, the
/// sizes of what is encrypted.
/// </summary>
internal sealed class TlsReader(WatchedConnection connection, HandshakeRecorder recorder, ReaderHost host) : IStreamReader
{
    private Side _low;
    private Side _high;
    private readonly List<(bool FromLow, int Length)> _sealed = [];
    private long _bytes;
    private bool _isLeftAlone;

    private struct Side
    {
        internal bool IsTls;
        internal long Since;
        internal TlsWalk Walk;
    }

    public bool IsFollowing => false;

    internal bool ReadsBoth => _low.IsTls && _high.IsTls;

    /// <summary>The first bytes of a direction are a TLS record.</summary>
    internal void Begin(bool low) => (Of(low).IsTls, Of(low).Since) = (true, connection.LastTime);

    internal bool Reads(bool low) => Of(low).IsTls;

    public void OnBytes(DirectionReassembler stream)
    {
        var bytes = stream.Buffer.Unread;
        _bytes += bytes.Length;
        ref var side = ref Of(stream.FromLow);
        stream.Buffer.Advance(side.IsTls ? side.Walk.Read(bytes, stream.FromLow, _sealed) : bytes.Length);
        if (_bytes > host.Limits.MaxRejectedBytes || (ReadsBoth && HasSaidAll(_low.Walk) && HasSaidAll(_high.Walk))) Detach();
    }

    public void OnGap(DirectionReassembler stream, long length)
    {
        Of(stream.FromLow).Walk.IsOver = true; // where the next record begins is not known
        recorder.AddGap(stream, length);
    }

    public void OnEnd()
    {
        connection.Reassembly?.Finish();
        recorder.Count();
        connection.EndReassembly();
        var initiatorIsLow = recorder.InitiatorIsLow;
        var session = new TlsSession
        {
            Number = host.NextTlsSession(),
            Initiator = connection.EndpointOf(initiatorIsLow),
            Acceptor = connection.EndpointOf(!initiatorIsLow),
            Started = connection.FirstTime,
            IsInitiatorTls = Of(initiatorIsLow).IsTls,
            IsAcceptorTls = Of(!initiatorIsLow).IsTls,
            HelloTime = Of(initiatorIsLow).Since,
            AnswerTime = Of(!initiatorIsLow).Since,
            Alert = AlertOf(true) ?? AlertOf(false),
            Sealed = AreSizesKnown ? [.. _sealed.Select(one => new SealedRecord(RoleOf(one.FromLow), one.Length))] : [],
            Transfer = recorder.Transfer(),
            Connection = recorder.Connection(),
        };
        connection.IdentifyEvidence(session.Evidence);
        host.Tell(session);
    }

    /// <summary>Every encrypted record was read, and its last byte.</summary>
    private bool AreSizesKnown => !_isLeftAlone && AreSizesWanted && _low.Walk.IsWhole && _high.Walk.IsWhole;

    private bool AreSizesWanted => _sealed.Count <= host.Limits.MaxSealedRecords && !_low.Walk.IsOver && !_high.Walk.IsOver;

    private bool HasSaidAll(in TlsWalk walk) => walk.IsOver || (walk.IsSealed && !AreSizesWanted);

    private void Detach()
    {
        _isLeftAlone = true;
        recorder.Count();
        connection.Reassembly?.Detach();
    }

    private TlsAlert? AlertOf(bool low) =>
        Of(low).Walk.Alert is { } name ? new TlsAlert(RoleOf(low), name) : null;

    private Role RoleOf(bool low) => low == recorder.InitiatorIsLow ? Role.Initiator : Role.Acceptor;

    private ref Side Of(bool low) => ref low ? ref _low : ref _high;
}
