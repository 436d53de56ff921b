using System.Text;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Reports.Filter;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Reports.Tests;

/// <summary>Tests what is offered at a cursor, using the capture with every failure.</summary>
public sealed class WhereCompletionTests
{
    private const string Capture = "rows/failure_rows.pcap";

    private static readonly List<JudgedHandshake> Rows = [.. Analysis.Report(Capture, Analysis.TrueCookies(Capture)).Handshakes];

    private static WhereCompletion At(string text) => WhereCompletion.At(text.Replace("|", "", StringComparison.Ordinal),
        text.IndexOf('|', StringComparison.Ordinal), Rows, Handshakes.Context);

    [Theory]
    [InlineData("outcome == auth|")]
    [InlineData("outcome |")]
    [InlineData("problem !|")]
    [InlineData("outcome =|")]
    [InlineData("no|")]
    [InlineData("problem a|")]
    [InlineData("code in {tls-to-plain, pl|")]
    [InlineData("problem and node ~ \"b2|")]
    [InlineData("not cookie == |")]
    [InlineData("port == 91|")]
    [InlineData("duration > |")]
    [InlineData("(problem or proof == |")]
    [InlineData("connection.clos| == x")]
    public void These_are_offered(string text)
    {
        var completion = At(text);
        var lines = new StringBuilder($"{text}\nin place of {completion.Start}+{completion.Length}\n");
        foreach (var offer in completion.Offers) lines.Append($"{offer.Text,-40} {offer.Rows,4} {offer.Meaning}".TrimEnd()).Append('\n');
        var name = string.Concat(text.Select(letter => char.IsLetterOrDigit(letter) ? letter : '_'));
        Golden.Matches(Path.Combine(Repository.Root, $"tests/PcapAnalyzer.Reports.Tests/Filter/completion/{name}.txt"), lines.ToString());
    }

    [Theory]
    [InlineData("|")]
    [InlineData("problem |")]
    [InlineData("node == |")]
    [InlineData("not (outcome == |")]
    [InlineData("web2 or code ~ |")]
    [InlineData("not not ip in {10.0.0.0/8, |")]
    [InlineData("port in |")]
    [InlineData("hidd|")]
    [InlineData("messages.cut != |")]
    public void The_count_of_a_completion_is_the_count_of_its_result(string text)
    {
        var completion = At(text);
        var bare = text.Replace("|", "", StringComparison.Ordinal);
        var counted = completion.Offers.Where(offer => offer.Rows != null).ToList();
        Assert.NotEmpty(counted);
        foreach (var offer in counted)
        {
            var whole = bare[..completion.Start] + offer.Text + bare[(completion.Start + completion.Length)..];
            whole += new string('}', whole.Count(letter => letter == '{')) + new string(')', whole.Count(letter => letter == '('));
            Assert.Equal((whole, Rows.Count(row => Handshakes.Match(whole, row))), (whole, offer.Rows));
        }
    }

    [Theory]
    [InlineData("problem and|", "and")]
    [InlineData("problem |", "==")]
    [InlineData("web2 |", "and")]
    [InlineData("node i|", "in")]
    [InlineData("node in|", "in")]
    [InlineData("(web2)|", "and")]
    [InlineData("node ~ \"x\"|", "and")]
    [InlineData("node ~ /x/|", "and")]
    [InlineData("prob| or web2", "problem")]
    public void The_first_offer_goes_on_from_there(string text, string first) => Assert.Equal(first, At(text).Offers[0].Text);

    [Fact]
    public void Nothing_is_counted_where_there_is_too_much_or_no_expression()
    {
        var many = Enumerable.Repeat(Rows[0], 100_001).ToList();
        Assert.All(WhereCompletion.At("outcome == ", 11, many, Handshakes.Context).Offers, offer => Assert.Null(offer.Rows));
        Assert.DoesNotContain(At("nonsense == |").Offers, offer => offer.Rows != null);
    }
}
