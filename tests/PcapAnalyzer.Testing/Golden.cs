using Xunit;

namespace PcapAnalyzer.Testing;

/// <summary>Compares output with a file in the repository. <c>make accept</c> rewrites the files for review.</summary>
public static class Golden
{
    private static readonly bool Accepts = Environment.GetEnvironmentVariable("ACCEPT") == "1";

    /// <param name="path">The file with the expected output.</param>
    /// <param name="actual">The actual output.</param>
    public static void Matches(string path, string actual)
    {
        if (Accepts)
        {
            File.WriteAllText(path, actual);
            return;
        }
        Assert.True(File.Exists(path), $"{path} is missing; 'make accept' writes it");
        var expected = File.ReadAllText(path);
        if (expected == actual) return;
        var at = FirstDifference(expected.Split('\n'), actual.Split('\n'));
        Assert.Fail($"{path} differs from line {at.Line}:\n  expected {at.Expected}\n  actual   {at.Actual}\nIf the change is meant: "
            + "make accept, and read the diff.");
    }

    private static (int Line, string Expected, string Actual) FirstDifference(string[] expected, string[] actual)
    {
        var line = 0;
        while (line < expected.Length && line < actual.Length && expected[line] == actual[line]) line++;
        return (line + 1, line < expected.Length ? expected[line] : "(end)", line < actual.Length ? actual[line] : "(end)");
    }
}
