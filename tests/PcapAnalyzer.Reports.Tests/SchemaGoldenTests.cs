using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Reports.Tests;

/// <summary>The schema is made from the declared fields: a change of it is seen and accepted like one of a report.</summary>
public sealed class SchemaGoldenTests
{
    [Fact]
    public void The_schema_is_the_accepted_one()
    {
        using var reader = new StreamReader(JsonReport.OpenSchema());
        Golden.Matches(Path.Combine(Repository.Root, "tests/PcapAnalyzer.Reports.Tests/report.schema.json"), reader.ReadToEnd());
    }
}
