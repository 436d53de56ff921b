using System.Buffers;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Pipeline.Readers.Sessions;

/// <summary>Takes the messages of one direction as they become whole.</summary>
internal interface ISessionMessages
{
    /// <param name="message">What its beginning tells.</param>
    /// <param name="length">Its bytes with the length prefix.</param>
    /// <param name="frame">The frame that brought its last byte.</param>
    /// <param name="time">That frame's time.</param>
    void OnMessage(in SessionMessage message, long length, long frame, long time);

    /// <summary>A length beyond what any receiver accepts.</summary>
    void OnTooLong(long length, long frame, long time);

    /// <summary>Bytes came that cannot be followed: framing is lost.</summary>
    void OnUnread(long frame, long time);
}

/// <summary>
/// Cuts one direction into messages by their length prefixes. Bodies are skipped: only their beginnings are looked at, and copied only
/// where they come in pieces.
/// </summary>
internal struct SessionFramer(ISessionProtocol protocol, ISessionMessages messages)
{
    private readonly ISessionDecoder _decoder = protocol.NewDecoder();
    private byte[] _head = [];
    private int _held;
    private long _skip;
    private Skipped? _skipped;

    /// <summary>The message whose body is skipped.</summary>
    private sealed record Skipped(SessionMessage Message, long Length);

    /// <summary>It is not known where the next message begins.</summary>
    internal bool IsLost { get; set; }

    /// <summary>A message has begun and is not whole.</summary>
    internal readonly bool IsInMessage => _skip > 0 || _held > 0;

    /// <summary>Bytes that would only be skipped.</summary>
    internal readonly long ToSkip => _skip;

    internal void Feed(ReadOnlySpan<byte> bytes, long frame, long time)
    {
        if (IsLost && !TryFindAgain(bytes))
        {
            messages.OnUnread(frame, time);
            return;
        }
        while (!bytes.IsEmpty && !IsLost)
        {
            if (_skip > 0)
            {
                var skipped = (int)Math.Min(_skip, bytes.Length);
                bytes = bytes[skipped..];
                Skip(skipped, frame, time);
                continue;
            }
            if (_held > 0)
            {
                ReadHeld(ref bytes, frame, time);
                continue;
            }
            if (Read(bytes, frame, time) is > 0 and var taken) bytes = bytes[taken..];
            else if (!IsLost) Hold(ref bytes);
        }
    }

    /// <summary>Bytes were not captured.</summary>
    internal void Gap(long length, long frame, long time)
    {
        _decoder.OnGap();
        if (_skip > 0 && _skip >= length)
        {
            Skip(length, frame, time);
            return;
        }
        Lose();
        messages.OnUnread(frame, time);
    }

    /// <summary>Bytes of a body are skipped though they have not come: fewer than <see cref="ToSkip"/>.</summary>
    internal void SkipOver(long length) => _skip -= length;

    /// <summary>No more will come.</summary>
    internal void End()
    {
        if (_head.Length > 0) ArrayPool<byte>.Shared.Return(_head);
        _head = [];
    }

    /// <summary>Counts bytes of the message under way as seen.</summary>
    private void Skip(long bytes, long frame, long time)
    {
        _skip -= bytes;
        if (_skip > 0) return;
        messages.OnMessage(_skipped!.Message, _skipped.Length, frame, time);
        _skipped = null;
    }

    private void Lose()
    {
        IsLost = true;
        (_skip, _held) = (0, 0);
        _decoder.OnGap();
    }

    private bool TryFindAgain(ReadOnlySpan<byte> bytes)
    {
        IsLost = protocol.Probe(bytes) != OperationStatus.Done && !(IsTick(bytes) && protocol.Probe(bytes) == OperationStatus.NeedMoreData);
        return !IsLost;
    }

    /// <summary>A tick is taken for one only where it stands alone in its segment.</summary>
    private readonly bool IsTick(ReadOnlySpan<byte> bytes) =>
        protocol.TryReadFrame(bytes, out var frame) == OperationStatus.Done && frame.Body == 0
        && bytes.Length == frame.Header;

    /// <summary>Reads a message that begins here, if there is enough of it.</summary>
    /// <returns>How many bytes it took; 0 when more are needed.</returns>
    private int Read(ReadOnlySpan<byte> bytes, long number, long time)
    {
        switch (protocol.TryReadFrame(bytes, out var frame))
        {
            case OperationStatus.NeedMoreData:
                return 0;
            case OperationStatus.InvalidData:
                messages.OnTooLong(frame.Body, number, time);
                Lose();
                return 0;
        }
        var wanted = (int)Math.Min(frame.Body, protocol.MaxHead);
        if (bytes.Length - frame.Header < wanted) return 0;
        var length = frame.Header + frame.Body;
        var message = _decoder.Read(bytes.Slice(frame.Header, wanted), frame);
        if (message.Kind == SessionMessageKind.Malformed)
        {
            messages.OnMessage(message, length, number, time);
            Lose();
            return 0;
        }
        _skip = frame.Body - wanted;
        if (_skip == 0) messages.OnMessage(message, length, number, time);
        else _skipped = new Skipped(message, length);
        return frame.Header + wanted;
    }

    private void Hold(ref ReadOnlySpan<byte> bytes)
    {
        if (_head.Length == 0) _head = ArrayPool<byte>.Shared.Rent(protocol.MaxHead + 16);
        bytes.CopyTo(_head);
        _held = bytes.Length;
        bytes = default;
    }

    private void ReadHeld(ref ReadOnlySpan<byte> bytes, long frame, long time)
    {
        var before = _held;
        var added = Math.Min(bytes.Length, _head.Length - before);
        bytes[..added].CopyTo(_head.AsSpan(before));
        _held = 0;
        var taken = Read(_head.AsSpan(0, before + added), frame, time);
        if (taken > 0) bytes = bytes[(taken - before)..];
        else if (IsLost) bytes = default;
        else
        {
            _held = before + added;
            bytes = bytes[added..];
        }
        if (_held == 0) End();
    }
}
