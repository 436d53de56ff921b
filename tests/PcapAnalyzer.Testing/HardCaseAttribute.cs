namespace PcapAnalyzer.Testing;

/// <summary>This test shows what we do with a phenomenon of <see cref="HardCases"/>; docs/hard-cases.md is made of these.</summary>
/// <param name="phenomenon">As it is called there.</param>
/// <param name="rows">The rows of the test's data that show it, when not all of them do: literals of the sources beside the test.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class HardCaseAttribute(string phenomenon, params string[] rows) : Attribute
{
    public string Phenomenon { get; } = phenomenon;

    public IReadOnlyList<string> Rows { get; } = rows;
}
