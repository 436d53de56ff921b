using System.Text;
using CsCheck;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Reports.Filter;
using Xunit;
using static PcapAnalyzer.Reports.Tests.Handshakes;

namespace PcapAnalyzer.Reports.Tests;

/// <summary>Any input gives a filter, or an error whose position lies in the input.</summary>
public sealed class WhereHostileTests
{
    private static readonly string[] Pieces =
        ["and", "or", "not", "(", ")", "==", "!=", "~", "!~", "<", ">=", "in", "{", "}", ",", "\"", "/", "\\", " ", "node", "ip", "code",
            "duration", "started", "port", "problem", "web1",
            "ok", "10.0.0.0/8", "::1", "1s", "20:14", "-5m", "*", "=", "!", "&&", "|", "\ud800", "\udc00", "\0", "生産", "é", "%",
                "9999999999999999999999", "[a-z]+"];

    private static readonly Gen<string> Soup = Gen.OneOf(Gen.OneOf(Pieces), Gen.String[0, 3]).Array[0, 24].Select(string.Concat);

    private static void Survives(string text)
    {
        if (Where.TryParse(text, out var where, out var error)) where.Matches(One, Context);
        else
        {
            Assert.InRange(error.Column, 1, text.Length + 1);
            Assert.InRange(error.Length, 0, text.Length + 1 - error.Column);
            Assert.NotEmpty(error.Message);
        }
        var prefix = Where.ParsePrefix(text, out _);
        Assert.StartsWith(prefix.Expression, text, StringComparison.Ordinal);
        Assert.True(Where.TryParse(prefix.Expression, out _, out _));
        prefix.Matches(One, Context);
        foreach (var cursor in (int[])[0, text.Length / 2, text.Length])
        {
            var completion = WhereCompletion.At(text, cursor, [One], Context);
            Assert.InRange(completion.Start, 0, cursor);
            Assert.InRange(completion.Start + completion.Length, cursor, text.Length);
            foreach (var offer in completion.Offers) Assert.True(offer.Text.All(letter => !char.IsControl(letter)), offer.Text);
        }
    }

    [Fact]
    public void Any_soup_of_pieces() => Soup.Sample(Survives, iter: 3000);

    [Theory]
    [InlineData("(", 100_000, "")]
    [InlineData("(", 4000, "")]
    [InlineData("(", 60, "web1")]
    [InlineData("not ", 1000, "web1")]
    [InlineData("!", 4000, "web1")]
    [InlineData("a ", 2000, "b")]
    [InlineData("a or ", 800, "b")]
    [InlineData("(a or ", 500, "b")]
    [InlineData("x", 1_000_000, "")]
    [InlineData("\"", 4000, "")]
    [InlineData("\\", 4000, "")]
    [InlineData("code in {ok,", 300, "")]
    [InlineData("\ud800", 4000, "")]
    [InlineData("duration > 1", 300, "s")]
    public void Repetition(string piece, int times, string end) =>
        Survives(new StringBuilder().Insert(0, piece, times).Append(end).ToString());

    [Fact]
    public void Depth_and_length_are_errors_with_their_place()
    {
        Assert.False(Where.TryParse(new string('(', 100_000), out _, out var error));
        Assert.Equal((4097, "longer than 4096 characters"), (error.Column, error.Message));
        Assert.False(Where.TryParse(new string('(', 1000), out _, out error));
        Assert.Equal((65, "more than 64 parentheses inside each other"), (error.Column, error.Message));
        Assert.True(Match($"{new string('(', 64)}web1{new string(')', 64)}"));
    }

    [Theory]
    [InlineData("(a+)+$")]
    [InlineData("(a|a)*b")]
    [InlineData("((a{1,30}){1,30}){1,30}")]
    [InlineData("(.*)*x(.*)*y")]
    [InlineData(@"(\w+\s?)*$")]
    public void A_regular_expression_takes_no_more_than_the_names_length(string pattern)
    {
        var long_ = One with { Initiator = One.Initiator with { Node = new string('a', 60_000) + "!" } };
        if (Where.TryParse($"node ~ /{pattern}/", out var where, out var error)) where.Matches(long_, Context);
        else Assert.Contains("huge repetition", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_from_packets_may_be_anything()
    {
        foreach (var name in (string[])["", "\ud800", "\0", "a\"b\\c", new string('x', 70_000), "‮evil", "a b", "/x/"])
        {
            var odd = One with { Initiator = One.Initiator with { Node = name } };
            foreach (var field in WhereFields.All.Where(field => field.Type is FieldType.Text or FieldType.Address))
                foreach (var value in (string[])["~ x", "!~ \"\ud800\"", "~ /x*/"])
                    Match($"{field.Name} {value}", odd);
            Match("ip == ::1 or ip == 1.2.3.4 or port > 0", odd);
            foreach (var offer in WhereCompletion.At("initiator.node == ", 18, [odd], Context).Offers)
            {
                Assert.Equal(name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal),
                    offer.Text.Trim('"'));
                Assert.Equal(1, offer.Rows);
            }
        }
    }
}
