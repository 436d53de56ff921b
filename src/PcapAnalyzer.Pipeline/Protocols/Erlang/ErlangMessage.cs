using System.Buffers.Binary;
using System.Text;

namespace PcapAnalyzer.Pipeline.Protocols.Erlang;

/// <summary>Decodes the body of one handshake message: a tag, then fields at fixed offsets, all integers big-endian.</summary>
internal static class ErlangMessage
{
    private const byte NameTag5 = (byte)'n';
    private const byte NameTag6 = (byte)'N';
    private const byte StatusTag = (byte)'s';
    private const byte ComplementTag = (byte)'c';
    private const byte ReplyTag = (byte)'r';
    private const byte AckTag = (byte)'a';

    // Version 6: tag, u64 flags, then for a name u32 creation, for a challenge u32 challenge and u32 creation; u16 length, name.
    private const int FlagsAt = 1;
    private const int NameCreation = 9;
    private const int Name6 = 15;
    private const int ChallengeAt = 9;
    private const int ChallengeCreation = 13;
    private const int Challenge6 = 19;

    // Version 5: tag, u16 version, u32 flags, for a challenge u32 challenge; the name to the end.
    private const int Flags5At = 3;
    private const int Name5 = 7;
    private const int Challenge5At = 7;
    private const int Challenge5 = 11;

    private const int ComplementLength = 9;
    private const int ReplyLength = 21;
    private const int AckLength = 17;
    private const int LongestStatus = 600;

    /// <summary>Bits that no release uses. Other protocols rarely leave all of them clear.</summary>
    private const int HighestFlag = 40;

    private const string Named = "named:";
    private const string WithoutAt = "it is no name@host";
    private const string WithControl = "it has control characters";

    private static readonly MessageContent Unknown = new(MessageKind.Unknown);

    /// <summary>False when the bytes cannot become a message that opens a direction, whatever follows.</summary>
    internal static bool MayBeFirst(ReadOnlySpan<byte> body, long length, Role? from) => body[0] switch
    {
        NameTag6 => length > Name6 && (body.Length < 4 || (body[FlagsAt] | body[FlagsAt + 1] | body[FlagsAt + 2]) == 0),
        NameTag5 => length > Name5 && (body.Length < 3 || BinaryPrimitives.ReadUInt16BigEndian(body[1..]) == 5),
        StatusTag => from != Role.Initiator && length is > 1 and <= LongestStatus,
        ComplementTag => from == null && length == ComplementLength,
        ReplyTag => from == null && length == ReplyLength,
        AckTag => from == null && length == AckLength,
        _ => false,
    };

    /// <summary>True when a message that opens a direction belongs to this protocol, and not to another by accident.</summary>
    internal static bool IsCredible(MessageContent content, Role? from) => content.Kind switch
    {
        // Strangers send names with control characters, and nodes answer them: then everything else must be right.
        // So must it where the name's end was not captured.
        MessageKind.Name => from != Role.Acceptor && content.Node != "" && content.Flags >> HighestFlag == 0
            && ((content.Node != null && IsClean(content.Node))
                || (content.Version == 6 && (content.Flags & ErlangFlags.Handshake23) != 0)),
        // An acceptor may leave out the status. Then everything else must be right.
        MessageKind.Challenge => from != Role.Initiator && content.Node != null && IsClean(content.Node)
            && content.Flags >> HighestFlag == 0 && !content.IsTentative,
        // Known words only: where nothing stood before, "s" and a text is EPMD's request to stop a node.
        MessageKind.Status => from == Role.Acceptor || content.Answer is { } and not StatusAnswer.Unknown,
        _ => true,
    };

    /// <param name="body">The body as captured.</param>
    /// <param name="length">Body bytes by the length prefix: more than there are when it was cut.</param>
    /// <param name="from">Who sent it; without it the content decides, as far as it can.</param>
    /// <param name="withFields">Where its fields stand is wanted, too.</param>
    /// <param name="content">What it says.</param>
    /// <returns>False when it is no message, or cut before it tells which.</returns>
    internal static bool TryDecode(ReadOnlySpan<byte> body, long length, Role? from, bool withFields, out MessageContent content)
    {
        content = Unknown;
        if (body.IsEmpty) return false;
        switch (body[0])
        {
            case NameTag6:
                return (from ?? SenderOf6(body, length)) == Role.Initiator ? TryName6(body, length, withFields, out content)
                    : TryChallenge6(body, length, withFields, out content);
            case NameTag5:
                return (from ?? SenderOf5(body)) == Role.Initiator ? TryName5(body, length, withFields, out content)
                    : TryChallenge5(body, length, withFields, out content);
            case StatusTag:
                return TryStatus(body, length, from, withFields, out content);
            case ComplementTag when length == ComplementLength:
                content = new MessageContent(MessageKind.Complement)
                {
                    Fields = new ErlangFields(body, length, withFields).Add32("flagsHigh", 1, out var high, FieldSharing.AsItIs)
                        .Add32("creation", 5, out var creation, FieldSharing.AsItIs).All,
                    Flags = high is { } bits ? (ulong)bits << 32 : null,
                    Creation = creation,
                    IsTentative = true,
                };
                return true;
            case ReplyTag when length == ReplyLength:
                content = new MessageContent(MessageKind.ChallengeReply)
                {
                    Fields = new ErlangFields(body, length, withFields).Add32("challenge", 1, out var challenge)
                        .AddDigest(5, out var digest).All,
                    Challenge = challenge,
                    Digest = digest,
                    IsTentative = true,
                };
                return true;
            case AckTag when length == AckLength:
                content = new MessageContent(MessageKind.ChallengeAck)
                {
                    Fields = new ErlangFields(body, length, withFields)
                    .AddDigest(1, out var proof).All,
                    Digest = proof,
                    IsTentative = true
                };
                return true;
            default:
                return false;
        }
    }

    private static bool TryName6(ReadOnlySpan<byte> body, long length, bool withFields, out MessageContent content)
    {
        var fields = new ErlangFields(body, length, withFields).AddFlags(FlagsAt, 8, out var flags)
            .Add32("creation", NameCreation, out var creation, FieldSharing.AsItIs);
        var isValid = fields.TryAddCounted("node", Name6 - 2, Encoding.Latin1, out var node);
        // A node that asks for a dynamic name sends only its host.
        var fault = (flags & ErlangFlags.NameMe) == 0 ? FaultOf(node) : null;
        content = new MessageContent(MessageKind.Name)
        {
            Fields = fields.All,
            Version = 6,
            Node = node,
            Flags = flags,
            Creation = creation,
            NameFault = fault,
            UnreadBy = "OTP 22 or older, or an old jinterface",
            IsTentative = node == null || fault == WithControl || (fault != null && (flags & ErlangFlags.Handshake23) == 0),
        };
        return isValid && length > Name6;
    }

    private static bool TryChallenge6(ReadOnlySpan<byte> body, long length, bool withFields, out MessageContent content)
    {
        var fields = new ErlangFields(body, length, withFields).AddFlags(FlagsAt, 8, out var flags)
            .Add32("challenge", ChallengeAt, out var challenge).Add32("creation", ChallengeCreation, out var creation, FieldSharing.AsItIs);
        var isValid = fields.TryAddCounted("node", Challenge6 - 2, Encoding.Latin1, out var node);
        content = new MessageContent(MessageKind.Challenge)
        {
            Fields = fields.All,
            Version = 6,
            Node = node,
            Flags = flags,
            Challenge = challenge,
            Creation = creation,
            IsTentative = FaultOf(node) != null || (flags & ErlangFlags.Handshake23) == 0,
        };
        return isValid && length > Challenge6;
    }

    private static bool TryName5(ReadOnlySpan<byte> body, long length, bool withFields, out MessageContent content)
    {
        var fields = new ErlangFields(body, length, withFields).Add16("version", 1, out var version).AddFlags(Flags5At, 4, out var flags)
            .AddText("node", Name5, Encoding.Latin1, out var node, FieldSharing.AsName);
        content = new MessageContent(MessageKind.Name)
        {
            Fields = fields.All,
            Version = version,
            Node = node,
            Flags = flags,
            NameFault = FaultOf(node),
            UnreadBy = "OTP 25.0 to 25.2",
            IsTentative = FaultOf(node) != null,
        };
        return length > Name5;
    }

    private static bool TryChallenge5(ReadOnlySpan<byte> body, long length, bool withFields, out MessageContent content)
    {
        var fields = new ErlangFields(body, length, withFields).Add16("version", 1, out var version).AddFlags(Flags5At, 4, out var flags)
            .Add32("challenge", Challenge5At, out var challenge)
                .AddText("node", Challenge5, Encoding.Latin1, out var node, FieldSharing.AsName);
        content = new MessageContent(MessageKind.Challenge)
        {
            Fields = fields.All,
            Version = version,
            Node = node,
            Flags = flags,
            Challenge = challenge,
            IsTentative = FaultOf(node) != null
        };
        return length > Challenge5;
    }

    private static bool TryStatus(ReadOnlySpan<byte> body, long length, Role? from, bool withFields, out MessageContent content)
    {
        content = Unknown;
        var isNamed = body[1..].StartsWith("named:"u8);
        var fields = new ErlangFields(body, length, withFields);
        if (isNamed)
        {
            if (from == Role.Initiator) return false;
            fields.AddConstant("status", "named", 1, Named.Length);
            var at = 1 + Named.Length;
            if (!fields.TryAddCounted("assignedNode", at, Encoding.UTF8, out _) || fields.End + 4 > length) return false;
            fields.Add32("creation", fields.End, out _, FieldSharing.AsItIs);
            content = new MessageContent(MessageKind.Status) { Fields = fields.All, Status = "named", Answer = StatusAnswer.Continue };
            return true;
        }
        fields.AddText("status", 1, Encoding.Latin1, out var text, withFields
            && IsWord(Encoding.Latin1.GetString(body[1..])) ? FieldSharing.AsItIs : FieldSharing.Not);
        if (length < 2 || (text != null && from != Role.Acceptor && !IsClean(text))) return false;
        var isFromInitiator = from == Role.Initiator || (from == null && text is "true" or "false");
        if (isFromInitiator && text is not (null or "true" or "false")) return false;
        content = isFromInitiator
            ? new MessageContent(MessageKind.ClientStatus) { Fields = fields.All, GoesOn = text == null ? null : text == "true" }
            : new MessageContent(MessageKind.Status) { Fields = fields.All, Status = text?.ToLowerInvariant(), Answer = AnswerOf(text) };
        return true;
    }

    private static StatusAnswer? AnswerOf(string? text) => text switch
    {
        null => null,
        "ok" => StatusAnswer.Continue,
        "ok_simultaneous" => StatusAnswer.ContinueAndGiveWay,
        "nok" => StatusAnswer.RefusedAsPending,
        "not_allowed" => StatusAnswer.Refused,
        "alive" => StatusAnswer.Alive,
        _ => StatusAnswer.Unknown,
    };

    private static bool IsWord(string status) => status is "true" or "false" || AnswerOf(status) != StatusAnswer.Unknown;

    /// <summary>A name and a challenge have the same tag: the length tells which it is.</summary>
    private static Role SenderOf6(ReadOnlySpan<byte> body, long length) =>
        body.Length >= Challenge6 && Challenge6 + BinaryPrimitives.ReadUInt16BigEndian(body[(Challenge6 - 2)..]) == length
        && Name6 + BinaryPrimitives.ReadUInt16BigEndian(body[(Name6 - 2)..]) != length
            ? Role.Acceptor
            : Role.Initiator;

    /// <summary>A name begins with letters where a challenge has four bytes of a number.</summary>
    private static Role SenderOf5(ReadOnlySpan<byte> body) =>
        body.Length > Challenge5 && !IsClean(Encoding.Latin1.GetString(body[Challenge5At..Challenge5])) ? Role.Acceptor : Role.Initiator;

    private static string? FaultOf(string? node) => node switch
    {
        null => null,
        { Length: <= 2 } => WithoutAt,
        _ when node.IndexOf('@', 1) is var at && (at < 0 || at != node.LastIndexOf('@') || at == node.Length - 1) => WithoutAt,
        _ => IsClean(node) ? null : WithControl,
    };

    private static bool IsClean(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyInRange('\0', '\x1F')
        && !text.AsSpan().ContainsAnyInRange('\x7F', '\x9F');
}
