namespace PcapAnalyzer.Pipeline.Protocols;

/// <summary>A decoded field and where its bytes stand in the message body.</summary>
/// <param name="Name">As in the JSON report.</param>
/// <param name="Value">The value, of a closed family.</param>
/// <param name="Offset">From the first byte of the body.</param>
/// <param name="Length">In bytes.</param>
public sealed record MessageField(string Name, FieldValue Value, int Offset, int Length)
{
    /// <summary>Bytes of it before its value: a protobuf field's tag and length.</summary>
    public int Lead { get; init; }

    /// <summary>Its value is a number in protobuf's form of as many bytes as it needs.</summary>
    public bool IsVarint { get; init; }

    /// <summary>
    /// A text whose end was not captured, under a name of its own: nobody takes it for the whole. It is not told to strangers.
    /// </summary>
    public static MessageField Beginning(string name, string text, int offset, int length) =>
        new(name + Cut, new FieldValue.Text(text), offset, length);

    private const string Cut = "Beginning";

    public bool IsBeginningOf(string name) => Name.Length == name.Length + Cut.Length && Name.StartsWith(name, StringComparison.Ordinal)
        && Name.EndsWith(Cut, StringComparison.Ordinal);

    /// <summary>How it may be told to strangers.</summary>
    public FieldSharing Sharing { get; init; }
}

/// <summary>What becomes of a field where a capture is redacted. What its protocol says nothing of is not told.</summary>
public enum FieldSharing
{
    Not,
    AsItIs,

    /// <summary>Under another node name.</summary>
    AsName,

    /// <summary>With another host before its port.</summary>
    AsAddress,
}

/// <summary>What a field can hold.</summary>
public abstract record FieldValue
{
    public sealed record Text(string Value) : FieldValue;

    public sealed record Number(ulong Value) : FieldValue;

    public sealed record Flag(bool Value) : FieldValue;

    public sealed record Flags(CapabilityBits Value) : FieldValue;

    public sealed record Bytes(byte[] Value) : FieldValue;
}
