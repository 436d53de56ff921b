using NJsonSchema;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Cli.Tests;

/// <summary>The shipped schema describes the reports that are really written.</summary>
public sealed class SchemaTests
{
    public static TheoryData<string> Captures => [.. Repository.AllCaptures];

    private static async Task<JsonSchema> Schema()
    {
        using var reader = new StreamReader(JsonReport.OpenSchema());
        return await JsonSchema.FromJsonAsync(await reader.ReadToEndAsync(TestContext.Current.CancellationToken),
            TestContext.Current.CancellationToken);
    }

    [Theory]
    [MemberData(nameof(Captures))]
    public async Task Every_report_fits(string capture)
    {
        foreach (var names in new[] { null, new Pseudonyms() })
        {
            var json = Analysis.Json(Analysis.Report(capture, Analysis.TrueCookies(capture), names: names));
            Assert.Empty((await Schema()).Validate(json).Select(error => $"{error.Path}: {error.Kind}"));
        }
    }

    [Theory]
    [InlineData("\"outcome\": \"established\"", "\"outcome\": \"fine\"")]
    [InlineData("\"verdict\": \"verified\"", "\"verdict\": \"probably\"")]
    [InlineData("\"close\": \"fin\"", "\"close\": 7")]
    [InlineData("\"frames\"", "\"packets\"")]
    public async Task A_report_that_is_wrong_does_not_fit(string right, string wrong)
    {
        var json = Analysis.Json(Analysis.Report("ractor/01_ok_new.pcap", Analysis.TrueCookies("ractor/01_ok_new.pcap")));
        Assert.Contains(right, json, StringComparison.Ordinal);
        Assert.NotEmpty((await Schema()).Validate(json.Replace(right, wrong, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Every_outcome_code_and_verdict_is_named()
    {
        var schema = await Schema();
        Assert.Equal(Words<Outcome>(), Words(schema, "handshake", "outcome"));
        Assert.Equal(Words<DiagnosisCode>(), Words(schema, "diagnosis", "code"));
        Assert.Equal(Words<Verdict>(), Words(schema, "digest", "verdict"));
    }

    private static IEnumerable<string> Words<T>() where T : struct, Enum => Enum.GetValues<T>().Select(value => value.Kebab()).Order();

    private static IEnumerable<string> Words(JsonSchema schema, string definition, string property) =>
        schema.Definitions[definition].Properties[property].Enumeration.Select(value => value!.ToString()!).Order();
}
