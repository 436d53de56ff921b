using System.Buffers;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Pipeline.Protocols.Tls;

namespace PcapAnalyzer.Pipeline.Readers;

/// <summary>Cuts one direction into messages by their length prefixes, and knows when it has lost its place.</summary>
internal sealed class MessageFramer
{
    private long _skip;
    private long _resynced;

    /// <summary>Its first bytes are no protocol's.</summary>
    internal bool IsRejected { get; set; }

    /// <summary>It was asked whether its first bytes begin a message.</summary>
    internal bool IsPlaced { get; set; }

    /// <summary>Where the next message begins is not known: bytes are missing, or were no message.</summary>
    internal bool IsLost { get; set; }

    /// <summary>Its first bytes are what an acceptor may answer to a name.</summary>
    internal bool IsAnswer { get; set; }

    /// <summary>Its sender's last handshake message was cut: what follows has prefixes of another kind.</summary>
    internal bool IsOver { get; set; }

    /// <summary>Bytes of the current message that are of no use any more.</summary>
    internal void SkipRest(long bytes)
    {
        if (bytes < 0) IsLost = true;
        _skip = Math.Max(0, bytes);
    }

    /// <summary>Takes missing bytes off what is to be skipped anyway.</summary>
    /// <returns>True when that covers them all.</returns>
    internal bool Skip(ref long missing)
    {
        var covered = Math.Min(_skip, missing);
        _skip -= covered;
        missing -= covered;
        return covered > 0 && missing == 0;
    }

    /// <summary>Finds the next whole message, or as much of one as is ever kept, at the front of the unread bytes.</summary>
    /// <param name="protocol">Whose prefixes to read.</param>
    /// <param name="stream">The direction.</param>
    /// <param name="isAll">No more bytes come, or come only behind a gap.</param>
    /// <param name="limits">Limits.</param>
    /// <param name="frame">The prefix.</param>
    /// <param name="fault">Set when the bytes are no message.</param>
    /// <returns>False when more bytes are needed.</returns>
    internal bool TryNext(IHandshakeProtocol protocol, DirectionReassembler stream, bool isAll, ReaderLimits limits, out MessageFrame frame, out AnomalyKind? fault)
    {
        frame = default;
        fault = null;
        var buffer = stream.Buffer;
        var skip = (int)Math.Min(_skip, buffer.Unread.Length);
        buffer.Advance(skip);
        _skip -= skip;
        var bytes = buffer.Unread;
        if (bytes.IsEmpty || _skip > 0) return false;
        if (IsLost && !TryResync(protocol, stream, limits)) return false;
        if (TlsRecord.IsAt(bytes))
        {
            fault = AnomalyKind.TlsRecord;
            return true;
        }
        if (!isAll && TlsRecord.MayBeAt(bytes)) return false; // its first two bytes alone are a length that is too large
        switch (protocol.TryReadFrame(bytes, out frame))
        {
            case OperationStatus.NeedMoreData:
                return false;
            case OperationStatus.InvalidData:
                fault = AnomalyKind.FrameTooLarge;
                return true;
            default:
                return bytes.Length >= frame.Header + frame.Body || buffer.Room == 0;
        }
    }

    /// <summary>Takes up framing again where a message stands, checked as strictly as at the start of a stream.</summary>
    private bool TryResync(IHandshakeProtocol protocol, DirectionReassembler stream, ReaderLimits limits)
    {
        var bytes = stream.Buffer.Unread;
        if (_resynced < limits.MaxResyncBytes)
        {
            var status = protocol.Probe(bytes, from: null, bytes.Length >= limits.MaxProbeBytes);
            if (status == OperationStatus.NeedMoreData) return false;
            IsLost = status != OperationStatus.Done;
        }
        if (!IsLost) return true;
        _resynced += bytes.Length;
        stream.Buffer.Advance(bytes.Length);
        return false;
    }
}
