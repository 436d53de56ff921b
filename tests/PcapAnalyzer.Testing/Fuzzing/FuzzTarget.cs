namespace PcapAnalyzer.Testing.Fuzzing;

public delegate void FuzzRun(ReadOnlySpan<byte> input);

/// <summary>A fuzz target that must accept any bytes. The fuzzer and the tests that replay its findings share this definition.</summary>
/// <param name="Name">The inputs are in <c>tests/corpus/NAME</c>.</param>
/// <param name="Run">Throws when a property does not hold.</param>
public sealed record FuzzTarget(string Name, FuzzRun Run)
{
    /// <summary>Bytes that a run may allocate for any input: it writes all forms of the report several times.</summary>
    private const long MostAllocated = 16 << 20;

    /// <summary>Additional bytes that a run may allocate per byte of input. One-byte segments cost the most.</summary>
    private long AllocatedPerByte { get; init; } = 32 << 10;

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("frame", FrameTarget.Run),
        new("stream", StreamTarget.Run),
        new("pcap", CaptureFileTarget.Run),
        new("pcapng", CaptureFileTarget.Run),
        new("compressed", CompressedTarget.Run),
        new("erlang", TalkTarget.Run),
        new("ractor", TalkTarget.Run),
        new("erlang-session", input => SessionTarget.Run(SessionTarget.Erlang, input)),
        new("ractor-session", input => SessionTarget.Run(SessionTarget.Ractor, input)),
        new("epmd", EpmdTarget.Run),
        // The runtime's automaton takes a megabyte for a regular expression of three letters.
        new("where", WhereTarget.Run) { AllocatedPerByte = 512 << 10 },
    ];

    public static FuzzTarget Named(string name) =>
        All.FirstOrDefault(target => target.Name == name) ?? throw new ArgumentException(
            $"no fuzz target is called {name}; there are {string.Join(", ", All.Select(target => target.Name))}");

    /// <summary>Runs the target and checks that its allocations are in proportion to the input.</summary>
    public void Check(ReadOnlySpan<byte> input)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(input);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        FuzzFailure.Unless(allocated <= MostAllocated + AllocatedPerByte * input.Length,
            $"{allocated} bytes allocated for an input of {input.Length}");
    }
}

/// <summary>A property does not hold for an input.</summary>
public sealed class FuzzFailure(string message) : Exception(message)
{
    internal static void Unless(bool holds,
        [System.Runtime.CompilerServices.InterpolatedStringHandlerArgument(nameof(holds))] ref FailureText message)
    {
        if (!holds) throw new FuzzFailure(message.ToString());
    }
}

/// <summary>Message text that is built only on failure, because these checks run a thousand times a second.</summary>
[System.Runtime.CompilerServices.InterpolatedStringHandler]
internal readonly struct FailureText
{
    private readonly System.Text.StringBuilder? _text;

    public FailureText(int literals, int holes, bool holds, out bool isWanted)
    {
        isWanted = !holds;
        _text = holds ? null : new System.Text.StringBuilder(literals + 16 * holes);
    }

    public void AppendLiteral(string text) => _text!.Append(text);

    public void AppendFormatted<T>(T value) => _text!.Append(value);

    public override string ToString() => _text?.ToString() ?? "";
}
