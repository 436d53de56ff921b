using System.Buffers;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Pipeline.Protocols.Tls;

namespace PcapAnalyzer.Pipeline.Readers;

/// <summary>Cuts one direction into messages by their length prefixes, and knows when it has lost framing.</summary>
internal sealed class MessageFramer
{
    private long _skip;
    private long _resynced;

    /// <summary>The direction's first bytes belong to no protocol.</summary>
    internal bool IsRejected { get; set; }

    /// <summary>It is known whether the direction's first bytes begin a message.</summary>
    internal bool IsPlaced { get; set; }

    /// <summary>Framing is lost: bytes are missing, or were no message.</summary>
    internal bool IsLost { get; set; }

    /// <summary>The direction's first bytes are an answer to a name.</summary>
    internal bool IsAnswer { get; set; }

    /// <summary>Another program sends this direction: nothing in it is a message.</summary>
    internal bool IsForeign { get; set; }

    /// <summary>The sender's last handshake message was cut out. What follows has length prefixes of another kind.</summary>
    internal bool IsOver { get; set; }

    /// <summary>Skips the rest of the current message, which is not needed.</summary>
    internal void SkipRest(long bytes)
    {
        if (bytes < 0) IsLost = true;
        _skip = Math.Max(0, bytes);
    }

    /// <summary>Counts missing bytes as skipped, as far as they were to be skipped anyway.</summary>
    /// <returns>True when that covers all of them.</returns>
    internal bool Skip(ref long missing)
    {
        var covered = Math.Min(_skip, missing);
        _skip -= covered;
        missing -= covered;
        return covered > 0 && missing == 0;
    }

    /// <summary>Finds the next message at the front of the unread bytes: a whole one, or as much of it as is ever kept.</summary>
    /// <param name="protocol">Reads the prefixes.</param>
    /// <param name="stream">The direction.</param>
    /// <param name="isAll">No more bytes will come before a gap or the end.</param>
    /// <param name="limits">How far to look for the next message.</param>
    /// <param name="frame">The prefix.</param>
    /// <param name="fault">Set when the bytes are no message.</param>
    /// <returns>False when more bytes are needed.</returns>
    internal bool TryNext(IHandshakeProtocol protocol, DirectionReassembler stream, bool isAll, ReaderLimits limits,
        out MessageFrame frame, out AnomalyKind? fault)
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
        if (!isAll && TlsRecord.MayBeAt(bytes)) return false; // its first two bytes alone would be a length that is too large
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

    /// <summary>Resumes framing where a message begins, checked as strictly as at the start of a stream.</summary>
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
