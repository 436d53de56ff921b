using System.Globalization;
using System.Text;
using Google.Protobuf.Reflection;
using PcapAnalyzer.Pipeline.Protocols.Protobuf;
using PcapAnalyzer.Pipeline.Protocols.Ractor.Wire;

namespace PcapAnalyzer.Pipeline.Protocols.Ractor;

/// <summary>Decodes the body of one frame: a <c>NetworkMessage</c>, behind a varint length up to release 0.14.5.</summary>
internal static class RactorMessage
{
    private const int Auth = NetworkMessage.AuthFieldNumber;

    /// <summary>Frame forms, as <see cref="MessageContent.Generation"/> names them.</summary>
    private const string Current = "0.16 or later";
    private const string Middle = "0.14.6 to 0.15";
    private const string Varint = "0.14.5 or older";
    private const string Bits32 = "older than 0.16, 32-bit";

    /// <summary>False when no continuation can make the bytes a message.</summary>
    internal static bool IsPossible(ReadOnlySpan<byte> body, long declared)
    {
        if (body.IsEmpty) return true;
        if (MessageWalker.Walk(NetworkMessage.Descriptor, body, declared).Fault != WireFault.Broken) return true;
        return TryStripVarint(body, declared, out var inner, out var innerLength)
            && MessageWalker.Walk(NetworkMessage.Descriptor, inner, innerLength).Fault != WireFault.Broken;
    }

    /// <param name="body">The body as captured.</param>
    /// <param name="frame">Its length prefix.</param>
    /// <param name="withFields">Where its fields stand is wanted, too.</param>
    /// <param name="content">What it says.</param>
    /// <returns>False when it is no message, or cut before it tells which.</returns>
    internal static bool TryDecode(ReadOnlySpan<byte> body, MessageFrame frame, bool withFields, out MessageContent content)
    {
        var declared = frame.Body;
        if (declared == 0)
        {
            content = new MessageContent(MessageKind.Empty);
            return true;
        }
        // Both forms are tried strictly; by accident both may fit, then the current one is meant.
        var message = MessageWalker.Walk(NetworkMessage.Descriptor, body, declared);
        if (TryContent(message, body, frame.Header == RactorProtocol.Legacy32Header ? Bits32 : null, withFields, out content)) return true;
        if (!TryStripVarint(body, declared, out var inner, out var innerLength)) return false;
        message = MessageWalker.Walk(NetworkMessage.Descriptor, inner, innerLength);
        if (!TryContent(message, inner, Varint, withFields, out content)) return false;
        var by = body.Length - inner.Length;
        content = content with { Fields = [.. content.Fields.Select(field => field with { Offset = field.Offset + by })] };
        return true;
    }

    internal static bool TryStripVarint(ReadOnlySpan<byte> body, long declared, out ReadOnlySpan<byte> inner, out long innerLength)
    {
        var at = 0;
        inner = default;
        innerLength = 0;
        if (MessageWalker.ReadVarint(body, ref at, declared, out var length) != WireFault.None || length > int.MaxValue) return false;
        if ((long)length != declared - at) return false;
        inner = body[at..];
        innerLength = (long)length;
        return inner.Length <= innerLength;
    }

    private static bool TryContent(WireMessage message, ReadOnlySpan<byte> body, string? generation, bool withFields,
        out MessageContent content)
    {
        content = new MessageContent(MessageKind.Unknown);
        if (message.Fault == WireFault.Broken) return false;
        if (message[Auth] is not { Message: { } auth })
        {
            if (message.Fields.Count == 0 && message.Fault == WireFault.Cut) return false;
            var isTraffic = message[NetworkMessage.NodeFieldNumber] != null || message[NetworkMessage.ControlFieldNumber] != null;
            content = new MessageContent(isTraffic ? MessageKind.Traffic : message.Fields.Count == 0 ? MessageKind.Empty
                : MessageKind.Unknown);
            return true;
        }
        var step = auth.Fields.FirstOrDefault(field => field.Field?.ContainingOneof != null);
        if (step?.Message is not { } fields)
        {
            // An authentication message with no member at all, or one of a later release.
            content = new MessageContent(MessageKind.Unknown) { Fields = withFields ? Distinct(Flatten(auth, body)) : [] };
            return auth.Fault == WireFault.None;
        }
        content = Content(step.Number, fields, body, generation);
        if (withFields)
            content = content with
            {
                Fields = Distinct([.. Flatten(fields, body), .. Defaults(step.Field!.MessageType, fields),
                .. Unknown(auth, body), .. Unknown(message, body)])
            };
        return content.Kind is not (MessageKind.Name or MessageKind.Challenge) || content.Node is not "";
    }

    private static MessageContent Content(int step, WireMessage fields, ReadOnlySpan<byte> body, string? generation) => step switch
    {
        AuthenticationMessage.NameFieldNumber => new MessageContent(MessageKind.Name)
        {
            Node = Text(fields, NameMessage.NameFieldNumber, body),
            Version = Version(fields, NameMessage.FlagsFieldNumber),
            ConnectionString = Text(fields, NameMessage.ConnectionStringFieldNumber, body),
            UnreadBy = generation == null ? null : "current releases",
            Generation = generation ?? (Number(fields, NameMessage.ConnectionIdFieldNumber) is > 0 ? Current
                : fields.Fault == WireFault.None ? Middle : null),
        },
        AuthenticationMessage.ServerStatusFieldNumber => Status(Number(fields, ServerStatus.StatusFieldNumber)),
        AuthenticationMessage.ClientStatusFieldNumber => new MessageContent(MessageKind.ClientStatus)
        {
            GoesOn = Number(fields, ClientStatus.StatusFieldNumber) is { } yes ? yes != 0 : null,
        },
        AuthenticationMessage.ServerChallengeFieldNumber => new MessageContent(MessageKind.Challenge)
        {
            Node = Text(fields, Challenge.NameFieldNumber, body),
            Version = Version(fields, Challenge.FlagsFieldNumber),
            Challenge = (uint?)Number(fields, Challenge.Challenge_FieldNumber),
            ConnectionString = Text(fields, Challenge.ConnectionStringFieldNumber, body),
            Generation = generation,
        },
        AuthenticationMessage.ClientChallengeFieldNumber => new MessageContent(MessageKind.ChallengeReply)
        {
            Challenge = (uint?)Number(fields, ChallengeReply.ChallengeFieldNumber),
            Digest = Bytes(fields, ChallengeReply.DigestFieldNumber, body),
        },
        _ => new MessageContent(MessageKind.ChallengeAck) { Digest = Bytes(fields, ChallengeAck.DigestFieldNumber, body) },
    };

    private static MessageContent Status(ulong? number)
    {
        var message = new MessageContent(MessageKind.Status);
        if (number is not { } value) return message;
        return message with
        {
            Status = EnumText(ServerStatus.Descriptor.FindFieldByNumber(ServerStatus.StatusFieldNumber), value),
            Answer = value switch
            {
                0 => StatusAnswer.Continue,
                1 => StatusAnswer.ContinueAndGiveWay,
                2 => StatusAnswer.RefusedAsDuplicate,
                3 => StatusAnswer.Refused,
                4 => StatusAnswer.Alive,
                _ => StatusAnswer.Unknown
            },
        };
    }

    /// <summary>A number's value: absent means 0 (proto3) unless the message was cut before it.</summary>
    private static ulong? Number(WireMessage fields, int number) => fields[number]?.Varint ?? (fields.Fault == WireFault.None ? 0 : null);

    private static string? Text(WireMessage fields, int number, ReadOnlySpan<byte> body) =>
        fields[number] is { } field ? Encoding.UTF8.GetString(body[field.ValueStart..field.End]) : fields.Fault == WireFault.None ? ""
            : null;

    private static byte[]? Bytes(WireMessage fields, int number, ReadOnlySpan<byte> body) =>
        fields[number] is { } field ? body[field.ValueStart..field.End].ToArray() : fields.Fault == WireFault.None ? [] : null;

    private static int? Version(WireMessage fields, int number) =>
        fields[number]?.Message?[NodeFlags.VersionFieldNumber] is { } version ? (int)version.Varint : null;

    /// <summary>Every field of a step for the report; the one message inside, NodeFlags, is shown by its own fields.</summary>
    private static List<MessageField> Flatten(WireMessage message, ReadOnlySpan<byte> body)
    {
        var fields = new List<MessageField>();
        foreach (var field in message.Fields)
        {
            if (field.Message is { } inner) fields.AddRange(Flatten(inner, body));
            else fields.Add(FieldOf(field, body));
        }
        return fields;
    }

    /// <summary>proto3 leaves out what holds its default: a status of OK has no bytes and is shown all the same.</summary>
    private static IEnumerable<MessageField> Defaults(MessageDescriptor type, WireMessage message) =>
        from field in type.Fields.InDeclarationOrder()
        where message.Fault == WireFault.None && message[field.FieldNumber] == null
        where field.FieldType is FieldType.Enum or FieldType.Bool or FieldType.UInt32
        select new MessageField(field.JsonName, field.FieldType switch
        {
            FieldType.Enum => new FieldValue.Text(EnumText(field, 0)),
            FieldType.Bool => new FieldValue.Flag(false),
            _ => new FieldValue.Number(0),
        }, 0, 0)
        { Sharing = SharingOf(field, 0) };

    private static IEnumerable<MessageField> Unknown(WireMessage message, ReadOnlySpan<byte> body)
    {
        var fields = new List<MessageField>();
        foreach (var field in message.Fields)
            if (field.Field == null) fields.Add(FieldOf(field, body));
        return fields;
    }

    /// <summary>A field that is sent again gets a number, since the report has each name once.</summary>
    private static List<MessageField> Distinct(List<MessageField> fields)
    {
        var times = new Dictionary<string, int>(fields.Count);
        for (var at = 0; at < fields.Count; at++)
        {
            var name = fields[at].Name;
            var time = times[name] = times.GetValueOrDefault(name) + 1;
            if (time > 1) fields[at] = fields[at] with { Name = $"{name}#{time}" };
        }
        return fields;
    }

    private static MessageField FieldOf(WireField field, ReadOnlySpan<byte> body) => field.IsCut
        ? MessageField.Beginning(NameOf(field), Encoding.UTF8.GetString(body[field.ValueStart..field.End]), field.Start,
            field.End - field.Start) with
        { Lead = field.ValueStart - field.Start }
        : new(NameOf(field), ValueOf(field, body), field.Start, field.End - field.Start)
        {
            Lead = field.ValueStart - field.Start,
            IsVarint = (body[field.Start] & 7) == 0,
            Sharing = SharingOf(field.Field, field.Varint),
        };

    private static FieldSharing SharingOf(FieldDescriptor? field, ulong value) => field switch
    {
        { Name: "version" or "connection_id" } or { FieldType: FieldType.Bool } => FieldSharing.AsItIs,
        { FieldType: FieldType.Enum } when field.EnumType.FindValueByNumber((int)value) != null => FieldSharing.AsItIs,
        { Name: "name" } => FieldSharing.AsName,
        { Name: "connection_string" } => FieldSharing.AsAddress,
        _ => FieldSharing.Not,
    };

    private static string NameOf(WireField field) => field.Field switch
    {
        null => $"unknown.{field.Number}",
        { Name: "name" } => "node",
        { } known => known.JsonName,
    };

    private static FieldValue ValueOf(WireField field, ReadOnlySpan<byte> body) => field.Field?.FieldType switch
    {
        FieldType.String => new FieldValue.Text(Encoding.UTF8.GetString(body[field.ValueStart..field.End])),
        FieldType.Bool => new FieldValue.Flag(field.Varint != 0),
        FieldType.Enum => new FieldValue.Text(EnumText(field.Field, field.Varint)),
        FieldType.UInt32 => new FieldValue.Number((uint)field.Varint),
        // Numbers above 2^53 do not survive most JSON readers.
        FieldType.UInt64 => new FieldValue.Text($"0x{field.Varint:x16}"),
        _ => new FieldValue.Bytes(body[field.ValueStart..field.End].ToArray()),
    };

    private static string EnumText(FieldDescriptor field, ulong value) =>
        field.EnumType.FindValueByNumber((int)value)?.Name.ToLowerInvariant() ?? value.ToString(CultureInfo.InvariantCulture);
}
