using System.Buffers;
using System.Buffers.Binary;

namespace PcapAnalyzer.Pipeline.Protocols.Erlang;

/// <summary>Distribution messages behind the handshake: a u32 length, then nothing (a tick) or a control message.</summary>
/// <remarks>Erlang/OTP, "Distribution Protocol" and <c>erts/emulator/beam/dist.h</c>.</remarks>
internal sealed class ErlangSession : ISessionProtocol
{
    private const int Header = 4;

    internal const byte Version = 131;
    internal const byte PassThrough = 112;
    internal const byte WithHeader = 68;
    internal const byte FirstFragment = 69;
    internal const byte NextFragment = 70;

    /// <summary>The longest frame by which framing is found again; a fragment has 64 KiB and its header.</summary>
    private const long MaxProbedLength = 128 * 1024;

    private readonly AtomNames _names = new();

    public int MaxHead => 2048;

    public long MaxMessageLength => uint.MaxValue;

    public OperationStatus TryReadFrame(ReadOnlySpan<byte> bytes, out MessageFrame frame)
    {
        frame = default;
        if (bytes.Length < Header) return OperationStatus.NeedMoreData;
        frame = new MessageFrame(Header, BinaryPrimitives.ReadUInt32BigEndian(bytes));
        return OperationStatus.Done;
    }

    public OperationStatus Probe(ReadOnlySpan<byte> start)
    {
        if (TryReadFrame(start, out var frame) != OperationStatus.Done)
            return start.IsEmpty || start[0] == 0 ? OperationStatus.NeedMoreData : OperationStatus.InvalidData;
        if (frame.Body == 0) return start.Length == Header ? OperationStatus.NeedMoreData : Probe(start[Header..]);
        if (frame.Body is < 3 or > MaxProbedLength) return OperationStatus.InvalidData;
        var body = start[Header..];
        if (body.Length < 2) return OperationStatus.NeedMoreData;
        return IsKind(body) ? OperationStatus.Done : OperationStatus.InvalidData;
    }

    public ISessionDecoder NewDecoder() => new ErlangSessionDecoder(_names);

    internal static bool IsKind(ReadOnlySpan<byte> body) => body.Length >= 2
        && (body[0] == Version ? body[1] is WithHeader or FirstFragment or NextFragment : body[0] == PassThrough && body[1] == Version);
}

/// <summary>Reads what kind of control message it is, who sent it and for whom: the bodies behind it are skipped.</summary>
internal sealed class ErlangSessionDecoder(AtomNames names) : ISessionDecoder
{
    private const int FragmentHeader = 2 + 8 + 8;

    private AtomCache? _cache;

    public void OnGap() => _cache = null;

    public SessionMessage Read(ReadOnlySpan<byte> head, MessageFrame frame)
    {
        if (frame.Body == 0) return new SessionMessage(SessionMessageKind.Tick);
        if (head.Length < 2) return new SessionMessage(frame.Body < 2 ? SessionMessageKind.Malformed : SessionMessageKind.Message);
        if (!ErlangSession.IsKind(head)) return new SessionMessage(SessionMessageKind.Malformed);
        if (head[0] == ErlangSession.PassThrough) return ReadControl(new ExternalTerm(head[2..], new AtomReferences(names, default)));
        var (sequence, left) = (0UL, 0L);
        var at = 2;
        if (head[1] != ErlangSession.WithHeader)
        {
            if (head.Length < FragmentHeader) return new SessionMessage(SessionMessageKind.Fragment);
            sequence = BinaryPrimitives.ReadUInt64BigEndian(head[2..]);
            left = (long)Math.Min(long.MaxValue, BinaryPrimitives.ReadUInt64BigEndian(head[10..]));
            if (head[1] == ErlangSession.NextFragment)
                return new SessionMessage(SessionMessageKind.Fragment) { Sequence = sequence, FragmentsLeft = left };
            at = FragmentHeader;
        }
        var message = TryReadReferences(head, ref at, out var count)
            ? ReadControl(new ExternalTerm(head[at..], new AtomReferences(names, names.References.AsSpan(0, count))))
            : new SessionMessage(SessionMessageKind.Message);
        return message with { Sequence = sequence, FragmentsLeft = left };
    }

    /// <summary>Reads the atoms of a distribution header: old ones from the cache, new ones into it.</summary>
    private bool TryReadReferences(ReadOnlySpan<byte> head, ref int at, out int count)
    {
        count = 0;
        if (at >= head.Length) return false;
        int wanted = head[at++];
        if (wanted == 0) return true;
        var flags = head[at..];
        at += wanted / 2 + 1;
        if (at > head.Length) return false;
        var hasLongAtoms = (Nibble(flags, wanted) & 1) != 0;
        for (; count < wanted; count++)
        {
            var flag = Nibble(flags, count);
            if (at >= head.Length) return false;
            var place = (flag & 7) * 256 + head[at++];
            if ((flag & 8) != 0)
            {
                if (at + (hasLongAtoms ? 2 : 1) > head.Length) return false;
                int length = hasLongAtoms ? BinaryPrimitives.ReadUInt16BigEndian(head[at..]) : head[at];
                at += hasLongAtoms ? 2 : 1;
                if (at + length > head.Length) return false;
                (_cache ??= new AtomCache())[place] = names.Of(head.Slice(at, length), isUtf8: true);
                at += length;
            }
            names.References[count] = _cache?[place];
        }
        return true;
    }

    private static int Nibble(ReadOnlySpan<byte> flags, int index) => flags[index / 2] >> 4 * (index & 1) & 0xF;

    private static SessionMessage ReadControl(ExternalTerm term)
    {
        var message = new SessionMessage(SessionMessageKind.Message);
        var arity = term.EnterTuple();
        var number = arity < 1 ? -1 : term.ReadInteger();
        if (ErlangOperations.Of(number) is not { } operation) return message;
        message = message with { Operation = operation.Name };
        string? destination = null, sender = null;
        for (var element = 1; element < arity; element++)
        {
            if (element == operation.Sender) sender = term.ReadNodeOfPid();
            else if (element == operation.Destination) destination = term.ReadAtom();
            else if (element == operation.Reason) message = message with { Notice = ReadShutdown(ref term) };
            else if (!term.Skip()) return message with { Sender = sender, Destination = destination };
        }
        message = message with { Sender = sender, Destination = destination };
        if (!operation.HasPayload) return message;
        term.SkipVersion();
        if (operation.IsExit) return message with { Notice = ReadShutdown(ref term) };
        return destination == "global_name_server" ? ReadGlobal(message, ref term) : message;
    }

    /// <summary>A reason <c>shutdown</c> or <c>{shutdown, …}</c>.</summary>
    private static SessionNoticeKind? ReadShutdown(ref ExternalTerm term)
    {
        if (term.EnterTuple() is >= 0 and var arity)
        {
            var first = arity == 0 ? null : term.ReadAtom();
            for (var element = 1; element < arity; element++) term.Skip();
            return first == "shutdown" ? SessionNoticeKind.Shutdown : null;
        }
        return term.ReadAtom() == "shutdown" ? SessionNoticeKind.Shutdown : null;
    }

    /// <summary>What <c>global</c> tells of lost connections (<c>lib/kernel/src/global.erl</c>).</summary>
    private static SessionMessage ReadGlobal(SessionMessage message, ref ExternalTerm term)
    {
        var arity = term.EnterTuple();
        var kind = arity < 1 ? null : term.ReadAtom();
        if (kind == "remove_connection" && arity == 2)
            return message with { Notice = SessionNoticeKind.RemoveConnection, Name = term.ReadAtom() };
        if (kind != "lost_connection" || arity != 5) return message;
        var loser = term.ReadAtom();
        term.Skip();
        term.Skip();
        return message with { Notice = SessionNoticeKind.LostConnection, Name = loser, Other = term.ReadAtom() };
    }
}
