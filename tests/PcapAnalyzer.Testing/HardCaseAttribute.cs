namespace PcapAnalyzer.Testing;

/// <summary>
/// Marks a test that shows how we handle a phenomenon of <see cref="HardCases"/>. docs/hard-cases.md is generated from these.
/// </summary>
/// <param name="phenomenon">Its name in <see cref="HardCases"/>.</param>
/// <param name="rows">The rows of the test's data that show it, when not all do: literals in the source beside the test.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class HardCaseAttribute(string phenomenon, params string[] rows) : Attribute
{
    public string Phenomenon { get; } = phenomenon;

    public IReadOnlyList<string> Rows { get; } = rows;
}
