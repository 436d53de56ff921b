using Google.Protobuf.Reflection;

namespace PcapAnalyzer.Pipeline.Protocols.Protobuf;

/// <summary>What is wrong with a message's bytes.</summary>
internal enum WireFault
{
    None,

    /// <summary>Good as far as it goes; the rest was not captured.</summary>
    Cut,

    /// <summary>No message of this type, whatever follows.</summary>
    Broken,
}

/// <summary>One field as it stands on the wire.</summary>
/// <param name="Field">Its descriptor, or null when the type has no such field.</param>
/// <param name="Number">Field number.</param>
/// <param name="Start">Offset of its tag in the body.</param>
/// <param name="End">Offset behind its value.</param>
/// <param name="ValueStart">Offset of its value: behind tag and length.</param>
/// <param name="Varint">The value of a varint or fixed field; else its length.</param>
/// <param name="Message">The fields inside, when it is a known message.</param>
internal sealed record WireField(FieldDescriptor? Field, int Number, int Start, int End, int ValueStart, ulong Varint,
    WireMessage? Message)
{
    /// <summary>A text whose end was not captured.</summary>
    internal bool IsCut { get; init; }
}

/// <summary>The fields of a message in wire order, with the byte range of each.</summary>
internal sealed record WireMessage(IReadOnlyList<WireField> Fields, WireFault Fault)
{
    /// <summary>The last whole field of that number, which is the one that counts (protobuf encoding, "last one wins").</summary>
    internal WireField? this[int number]
    {
        get
        {
            for (var i = Fields.Count - 1; i >= 0; i--)
                if (Fields[i].Number == number && !Fields[i].IsCut) return Fields[i];
            return null;
        }
    }
}
