using PcapAnalyzer.Judging;
using PcapAnalyzer.Pipeline.Protocols;
using static PcapAnalyzer.Reports.Vocabularies;

namespace PcapAnalyzer.Reports.Filter;

/// <summary>The fields of a session: the short names that handshakes have too, <c>silence</c>, and each path of its JSON.</summary>
internal static class WhereSessionFields
{
    private static readonly Role[] Sides = [Role.Initiator, Role.Acceptor];

    private static readonly Field<JudgedSession>[] Short =
    [
        Flag("session", "it is a session, not a handshake", _ => true),
        Flag("problem", "", session => session.IsProblem()),
        Flag("open", "", session => session is { Judgement.Parted: null, Close: Closing.Open }),
        new("node", FieldType.Text, "")
            { Texts = (session, test) => Array.Exists(Sides, role => session.Judgement.NodeOf(role) is { } node && test(node)) },
        new("code", FieldType.Enumeration, "") { Values = Codes.Words, Texts = (session, test) => test(session.Code.Kebab()) },
        new("ip", FieldType.Address, "")
        {
            Texts = (session, test) => Array.Exists(Sides, role => test(session.Facts.EndpointOf(role).Address.ToString())),
            Addresses = (session, test) => Array.Exists(Sides, role => test(session.Facts.EndpointOf(role).Host)),
        },
        Number("port", FieldType.Number, "",
            (session, context, test) => Array.Exists(Sides, role => test(session.Facts.EndpointOf(role).Port, context))),
        new("pair", FieldType.Text, "")
            { Texts = (session, test) => test($"{session.Called(Role.Initiator)} → {session.Called(Role.Acceptor)}") },
        Number("frame", FieldType.Number, "", (session, context, test) => session.Diagnosis.Frames.Any(frame => test(frame, context))
            || session.Judgement.Events.Any(one => one.Frame > 0 && test(one.Frame, context))),
        Number("silence", FieldType.Duration, "longest silence of either side, also at its end",
            (session, context, test) => test(Math.Max(session.Silence, Sides.Max(session.SilenceAtEnd)), context)),
    ];

    internal static IReadOnlyList<Field<JudgedSession>> All { get; } =
    [
        .. Short,
        .. SessionFields.Session.Fields.SelectMany(field => field.Inside is not { } inside ? [field] : field.IsOptional ? [field, .. inside]
            : inside)
            .Where(field => field.Texts != null || field.Numbers != null),
    ];

    private static readonly Dictionary<string, Field<JudgedSession>> ByName = All.ToDictionary(field => field.Name,
        StringComparer.OrdinalIgnoreCase);

    internal static Field<JudgedSession>? Find(string name) => ByName.GetValueOrDefault(name);

    private static Field<JudgedSession> Number(string name, FieldType type, string meaning, AnyNumber<JudgedSession> numbers) =>
        new(name, type, meaning) { Numbers = numbers };

    private static Field<JudgedSession> Flag(string name, string meaning, Func<JudgedSession, bool> holds) =>
        new(name, FieldType.Flag, meaning) { Numbers = (session, context, test) => test(holds(session) ? 1 : 0, context) };
}
