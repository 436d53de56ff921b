using PcapAnalyzer.Pipeline.Protocols;
using static PcapAnalyzer.Reports.Vocabularies;

namespace PcapAnalyzer.Reports.Filter;

/// <summary>
/// Every field of the filter language: short names, then each path of a handshake's JSON, then those that only sessions have.
/// </summary>
public static class WhereFields
{
    private const string FieldOfMessage = "messages.fields.";
    private const string FieldOfSession = "session.";

    /// <summary>Offered first, because users test these fields most.</summary>
    private static readonly string[] First =
    [
        "problem", "node", "outcome", "code", "ip", "port", "pair", "duration", "started", "proof", "initiator.proof", "acceptor.proof",
            "cookie", "protocol", "release",
        "frame", "marked", "open", "id", "revision", "source", "protocolVersion", "status",
    ];

    /// <summary>Short names for facts that span several paths or that the report does not hold.</summary>
    private static readonly Field<JudgedHandshake>[] Short =
    [
        Flag("problem", "neither established nor a normal end", (handshake, _) => handshake.IsProblem()),
        Text("node", "name of either side", (handshake, test) => Is(handshake.Initiator.Node, test) || Is(handshake.Acceptor.Node, test)),
        Word("code", "the diagnosis", Codes, (handshake, test) => test(handshake.Diagnosis.Code.Kebab())),
        new("ip", FieldType.Address, "address of either side")
        {
            Texts = (handshake, test) => test(handshake.Initiator.Address) || test(handshake.Acceptor.Address),
            Addresses = (handshake, test) => test(handshake.Initiator.Endpoint.Host) || test(handshake.Acceptor.Endpoint.Host),
        },
        Number("port", "TCP port of either side",
            (handshake, context, test) => test(handshake.Initiator.Endpoint.Port, context)
                || test(handshake.Acceptor.Endpoint.Port, context)),
        Text("pair", "both sides: rabbit@web1 → rabbit@db1",
            (handshake, test) => test($"{handshake.Initiator.Called} → {handshake.Acceptor.Called}")),
        Word("proof", "what the cookies say of either digest", Verdicts,
            (handshake, test) => handshake.Proofs.Any(proof => test(proof.Verdict.Kebab()))),
        Word("initiator.proof", "of the initiator's digest", Verdicts,
            (handshake, test) => Is(handshake.ProofBy(Role.Initiator)?.Verdict.Kebab(), test)),
        Word("acceptor.proof", "of the acceptor's digest", Verdicts,
            (handshake, test) => Is(handshake.ProofBy(Role.Acceptor)?.Verdict.Kebab(), test)),
        Text("cookie", "label of a cookie that verified", (handshake, test) => handshake.Proofs.Any(proof => Is(proof.Cookie, test))),
        Text("release", "releases that either side may be", (handshake, test) => Is(handshake.Initiator.Release, test)
            || Is(handshake.Acceptor.Release, test)),
        Number("frame", "packet of a message, the lookup, an anomaly or the diagnosis",
            (handshake, context, test) => FramesOf(handshake).Any(frame => test(frame, context))),
        Flag("marked", "marked by the user", (handshake, context) => context.Marked.Contains(handshake.Id)),
        Flag("open", "still going", (handshake, context) => context.IsOpen(handshake)),
    ];

    private static readonly HashSet<string> HandshakeNames =
        [.. Short.Concat(HandshakeFields.Handshake.Fields.SelectMany(Paths)).Select(field => field.Name)];

    /// <summary>All fields, in the order in which completion offers them.</summary>
    public static IReadOnlyList<Field<WhereSubject>> All { get; } =
    [
        .. Short.Concat(HandshakeFields.Handshake.Fields.SelectMany(Paths)).Select(OfHandshake)
            .Concat(WhereSessionFields.All.Where(field => !HandshakeNames.Contains(field.Name))
            .Select(field => OfSession(field.Name, field)))
            .OrderBy(field => Array.IndexOf(First, field.Name) is >= 0 and var place ? place : First.Length),
    ];

    private static readonly Dictionary<string, Field<WhereSubject>> ByName = All.ToDictionary(field => field.Name,
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Finds a field by name, ignoring case; null when there is none.</summary>
    public static Field<WhereSubject>? Find(string name)
    {
        if (ByName.TryGetValue(name, out var field)) return field;
        if (name.StartsWith(FieldOfSession, StringComparison.OrdinalIgnoreCase))
            return WhereSessionFields.Find(name[FieldOfSession.Length..]) is { } of ? OfSession(name, of) : null;
        if (!name.StartsWith(FieldOfMessage, StringComparison.OrdinalIgnoreCase) || name.Length == FieldOfMessage.Length) return null;
        var decoded = name[FieldOfMessage.Length..];
        return OfHandshake(Text(name, "a decoded field", (handshake, test) => handshake.Messages.Any(message =>
            message.Fields.Any(one => string.Equals(one.Name, decoded, StringComparison.OrdinalIgnoreCase) && test(one.Value.Text())))));
    }

    /// <summary>A field of a handshake. A session has its own of that name, or that of the handshake before it.</summary>
    private static Field<WhereSubject> OfHandshake(Field<JudgedHandshake> field)
    {
        var own = WhereSessionFields.Find(field.Name);
        return new(field.Name, field.Type, field.Meaning)
        {
            Values = field.Values,
            Texts = field.Texts is not { } texts ? null : (subject, test) =>
                subject.Session is { } session && own != null ? own.Texts!(session, test)
                : subject.Handshake is { } handshake && texts(handshake, test),
            Numbers = field.Numbers is not { } numbers ? null : (subject, context, test) => subject.Session is { } session && own != null
                ? own.Numbers!(session, context, test) : subject.Handshake is { } handshake && numbers(handshake, context, test),
            Addresses = field.Addresses is not { } addresses ? null : (subject, test) => subject.Session is { } session && own != null
                ? own.Addresses!(session, test) : subject.Handshake is { } handshake && addresses(handshake, test),
        };
    }

    /// <summary>A field that no handshake has.</summary>
    private static Field<WhereSubject> OfSession(string name, Field<JudgedSession> field) => new(name, field.Type, field.Meaning)
    {
        Values = field.Values,
        Texts = field.Texts is { } texts ? (subject, test) => subject.Session is { } session && texts(session, test) : null,
        Numbers = field.Numbers is { } numbers ? (subject, context, test) =>
            subject.Session is { } session && numbers(session, context, test) : null,
        Addresses = field.Addresses is { } addresses ? (subject, test) => subject.Session is { } session && addresses(session, test) : null,
    };

    /// <summary>The filter fields of a handshake field: itself, or all fields inside it. An optional object also has itself.</summary>
    private static IEnumerable<Field<JudgedHandshake>> Paths(Field<JudgedHandshake> field) =>
        field.Inside is not { } inside ? [field] : field.IsOptional ? [field, .. inside] : inside;

    private static IEnumerable<long> FramesOf(JudgedHandshake handshake)
    {
        var frames = handshake.Messages.SelectMany(message => message.Frames).Concat(handshake.Diagnosis.Frames)
            .Concat(handshake.Facts.Anomalies.Select(odd => odd.Frame));
        return handshake.Lookup is { } lookup ? frames.Append(lookup.Frame) : frames;
    }

    private static bool Is(string? value, TextTest test) => value != null && test(value);

    private static Field<JudgedHandshake> Text(string name, string meaning, AnyText<JudgedHandshake> texts) =>
        new(name, FieldType.Text, meaning) { Texts = texts };

    private static Field<JudgedHandshake> Word<TEnum>(string name, string meaning, Vocabulary<TEnum> words,
        AnyText<JudgedHandshake> texts) where TEnum : struct, Enum =>
        new(name, FieldType.Enumeration, meaning) { Values = words.Words, Texts = texts };

    private static Field<JudgedHandshake> Number(string name, string meaning, AnyNumber<JudgedHandshake> numbers) =>
        new(name, FieldType.Number, meaning) { Numbers = numbers };

    private static Field<JudgedHandshake> Flag(string name, string meaning, Func<JudgedHandshake, WhereContext, bool> holds) =>
        new(name, FieldType.Flag, meaning) { Numbers = (handshake, context, test) => test(holds(handshake, context) ? 1 : 0, context) };
}
