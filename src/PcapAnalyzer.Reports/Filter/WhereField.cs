namespace PcapAnalyzer.Reports.Filter;

public enum FieldType
{
    Text,

    /// <summary>One of <see cref="WhereField.Values"/>.</summary>
    Enumeration,

    /// <summary>An IP address, or one with a port.</summary>
    Address,
    Number,
    Duration,
    Time,

    /// <summary>True or false.</summary>
    Flag,
}

internal delegate bool TextTest(ReadOnlySpan<char> value);

/// <summary>Flags are 0 or 1, durations nanoseconds, times nanoseconds since 1970.</summary>
internal delegate bool NumberTest(long value, WhereContext context);

/// <summary>Whether a test holds for any value that a field has in a handshake: false where it has none.</summary>
internal delegate bool AnyText(HandshakeReport handshake, WhereContext context, TextTest test);

/// <inheritdoc cref="AnyText"/>
internal delegate bool AnyNumber(HandshakeReport handshake, WhereContext context, NumberTest test);

/// <summary>A word that stands for something in an expression.</summary>
public sealed record WhereWord(string Text, string Meaning);

/// <summary>What can be asked of a handshake: a path of its JSON, or a short name.</summary>
public sealed class WhereField
{
    private static readonly WhereWord[] Order = [new("<", "less"), new("<=", "less or equal"), new(">", "greater"), new(">=", "greater or equal")];
    private static readonly WhereWord[] Equality = [new("==", "equal"), new("!=", "some value differs; false where there is none")];
    private static readonly WhereWord[] Containing = [new("~", "contains; * for anything, /…/ for a regular expression"), new("!~", "some value does not contain it; false where there is none")];
    private static readonly WhereWord[] Membership = [new("in", "one of {…, …}")];

    /// <summary>By type, the operators that it allows.</summary>
    private static readonly Dictionary<FieldType, WhereWord[]> OperatorsOf = new()
    {
        [FieldType.Text] = [.. Equality, .. Containing, .. Membership],
        [FieldType.Enumeration] = [.. Equality, .. Containing, .. Membership],
        [FieldType.Address] = [.. Equality, .. Containing, .. Membership],
        [FieldType.Number] = [.. Equality, .. Order, .. Membership],
        [FieldType.Duration] = [.. Order, .. Equality, .. Membership],
        [FieldType.Time] = [.. Order, .. Equality, .. Membership],
        [FieldType.Flag] = Equality,
    };

    public required string Name { get; init; }

    public required FieldType Type { get; init; }

    /// <summary>One line.</summary>
    public required string Meaning { get; init; }

    /// <summary>The values of an enumeration or a flag; else none.</summary>
    public IReadOnlyList<WhereWord> Values { get; init; } = [];

    public IReadOnlyList<WhereWord> Operators => OperatorsOf[Type];

    /// <summary>Null for what is kept as a number.</summary>
    internal AnyText? Texts { get; init; }

    /// <summary>Null for what is kept as text.</summary>
    internal AnyNumber? Numbers { get; init; }

    /// <summary>Holds where it is there, and neither empty nor zero.</summary>
    internal Test IsPresent => Texts is { } texts
        ? (handshake, context) => texts(handshake, context, static value => value.Length > 0)
        : (handshake, context) => Numbers!(handshake, context, static (value, _) => value != 0);
}
