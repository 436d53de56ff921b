using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Pipeline.Protocols.Tls;

namespace PcapAnalyzer.Pipeline.Readers;

/// <summary>
/// Reads a connection that begins with TLS, up to where it is encrypted: what its two sides say in the clear of why they cannot agree.
/// </summary>
internal sealed class TlsReader(WatchedConnection connection, HandshakeRecorder recorder, ReaderHost host) : IStreamReader
{
    private Side _low;
    private Side _high;
    private long _bytes;

    private struct Side
    {
        internal bool IsTls;
        internal TlsWalk Walk;
    }

    public bool IsFollowing => false;

    internal bool ReadsBoth => _low.IsTls && _high.IsTls;

    /// <summary>The first bytes of a direction are a TLS record.</summary>
    internal void Begin(bool low) => Of(low).IsTls = true;

    internal bool Reads(bool low) => Of(low).IsTls;

    public void OnBytes(DirectionReassembler stream)
    {
        var bytes = stream.Buffer.Unread;
        _bytes += bytes.Length;
        ref var side = ref Of(stream.FromLow);
        stream.Buffer.Advance(side.IsTls ? side.Walk.Read(bytes) : bytes.Length);
        if (_bytes > host.Limits.MaxRejectedBytes || (ReadsBoth && _low.Walk.IsOver && _high.Walk.IsOver)) Detach();
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
            Alert = AlertOf(true) ?? AlertOf(false),
            Transfer = recorder.Transfer(),
            Connection = recorder.Connection(),
        };
        connection.IdentifyEvidence(session.Evidence);
        host.Tell(session);
    }

    private void Detach()
    {
        recorder.Count();
        connection.Reassembly?.Detach();
    }

    private TlsAlert? AlertOf(bool low) =>
        Of(low).Walk.Alert is { } name ? new TlsAlert(low == recorder.InitiatorIsLow ? Role.Initiator : Role.Acceptor, name) : null;

    private ref Side Of(bool low) => ref low ? ref _low : ref _high;
}
