using PcapAnalyzer.Judging;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Reports.Filter;
using Xunit;
using static PcapAnalyzer.Reports.Tests.Handshakes;

namespace PcapAnalyzer.Reports.Tests;

/// <summary>Tests each rule of the language on one handshake.</summary>
public sealed class WhereTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("  ", true)]
    // Words and fields without an operator.
    [InlineData("web1", true)]
    [InlineData("WEB1", true)]
    [InlineData("web2", false)]
    [InlineData("\"web1\"", true)]
    [InlineData("10.0.4.12", true)]
    [InlineData("41934", false)]
    [InlineData("2001:db8::7", true)]
    [InlineData("web1*db1", false)] // a name has either
    [InlineData("problem", false)]
    [InlineData("cookie", true)]
    [InlineData("COOKIE", true)]
    [InlineData("nearMiss", false)]
    [InlineData("connection.missingBytes", false)]
    [InlineData("duration", true)]
    [InlineData("source", false)]
    // Connectives.
    [InlineData("web1 db1", true)]
    [InlineData("web1 and db1", true)]
    [InlineData("web1 AND db1 && cookie", true)]
    [InlineData("web1 and web2", false)]
    [InlineData("web2 or db1", true)]
    [InlineData("web2 || db1", true)]
    [InlineData("db1 or web2 and web2", true)]
    [InlineData("(db1 or web2) and web2", false)]
    [InlineData("not web2", true)]
    [InlineData("!web2", true)]
    [InlineData("not not web2", false)]
    [InlineData("!(web1 or web2)", false)]
    [InlineData("not web2 and web1", true)]
    [InlineData("cookie !problem", true)]
    [InlineData("web1(db1)", true)]
    // Text.
    [InlineData("initiator.node == rabbit@web1", true)]
    [InlineData("initiator.node==rabbit@web1", true)]
    [InlineData("initiator.node == RABBIT@web1", false)]
    [InlineData("initiator.node == rabbit", false)]
    [InlineData("initiator.node ~ RABBIT", true)]
    [InlineData("initiator.node !~ rabbit", false)]
    [InlineData("pair == \"rabbit@web1 → rabbit@db1\"", true)]
    [InlineData("pair ~ \"web1*db1\"", true)]
    [InlineData("pair ~ web1*db1", true)]
    [InlineData("pair ~ db1*web1", false)]
    [InlineData("pair ~ *", true)]
    [InlineData("node ~ /^rabbit@web[1-3]$/", true)]
    [InlineData("node ~ /^RABBIT/", false)]
    [InlineData("node ~ /(?i)^RABBIT/", true)]
    [InlineData(@"node ~ /\//", false)]
    [InlineData(@"node == ""a\""b\\c""", false)]
    [InlineData("initiator.node in {rabbit@web2, rabbit@web1}", true)]
    [InlineData("initiator.node in rabbit@web1", true)]
    [InlineData("initiator.node in {rabbit@web2}", false)]
    // Fields with several values match if any value does, also with !=.
    [InlineData("node == rabbit@web1", true)]
    [InlineData("node == rabbit@db1", true)]
    [InlineData("node != rabbit@web1", true)]
    [InlineData("not node == rabbit@web1", false)]
    [InlineData("messages.type == challenge", true)]
    [InlineData("messages.type == complement", false)]
    [InlineData("messages.type != challenge", true)]
    [InlineData("messages.fields.status == ok", true)]
    [InlineData("messages.fields ~ ok", true)]
    [InlineData("acceptor.flags == HANDSHAKE_23", false)] // of the made-up peer
    // Absent values.
    [InlineData("nearMiss.how == x", false)]
    [InlineData("nearMiss.how != x", false)]
    [InlineData("nearMiss.how !~ x", false)]
    [InlineData("source != 1", false)]
    [InlineData("not source == 1", true)]
    // Enumerations.
    [InlineData("outcome == established", true)]
    [InlineData("outcome != established", false)]
    [InlineData("outcome ~ estab", true)]
    [InlineData("code in {ok, cookie-mismatch}", true)]
    [InlineData("initiator.proof == verified acceptor.proof == verified", true)]
    [InlineData("proof == mismatch", false)]
    // Numbers and flags.
    [InlineData("port == 25672", true)]
    [InlineData("port in {1, 41934}", true)]
    [InlineData("port in {1, 2}", false)]
    [InlineData("duration in {41.7ms}", true)]
    [InlineData("duration in {1ms}", false)]
    [InlineData("port > 41934", false)]
    [InlineData("port >= 41934", true)]
    [InlineData("port < 25672", false)]
    [InlineData("port <= 25672", true)]
    [InlineData("connection.retransmissions == -1", false)]
    [InlineData("connection.syn == true", true)]
    [InlineData("connection.syn != true", false)]
    // Durations and times.
    [InlineData("duration == 41.7ms", true)]
    [InlineData("duration == 41700us", true)]
    [InlineData("duration == 41700µs", true)]
    [InlineData("duration > 0.0417s", false)]
    [InlineData("duration < 1m", true)]
    [InlineData("duration < 1h", true)]
    [InlineData("messages.sinceStart > -1ms", true)]
    [InlineData("started > 20:14", true)]
    [InlineData("started > 20:14:02", true)]
    [InlineData("started > 20:14:03", false)]
    [InlineData("started >= 20:14:03", true)]
    [InlineData("started < 20:30", true)] // a little after the end is the same day
    [InlineData("started > 9:00", true)]
    [InlineData("started > -5m", false)]
    [InlineData("started > -6m", true)]
    [InlineData("started == 2026-07-12T20:14:03Z", true)]
    [InlineData("started == 2026-07-12T22:14:03.000+02:00", true)]
    [InlineData("started < 2026-07-12T20:14:03.000000001", true)]
    // Addresses.
    [InlineData("ip == 10.0.4.12", true)]
    [InlineData("ip == 10.0.4.0/24", true)]
    [InlineData("ip == 10.0.5.0/24", false)]
    [InlineData("ip == 10.0.4.13/31", true)]
    [InlineData("ip == 0.0.0.0/0", true)]
    [InlineData("ip == 2001:db8::/32", true)]
    [InlineData("ip == 2001:DB8::7", true)]
    [InlineData("ip == 2001:db9::/32", false)]
    [InlineData("initiator.endpoint == ::/0", false)]
    [InlineData("initiator.endpoint == 10.0.4.12", true)]
    [InlineData("initiator.endpoint == 10.0.4.12:41934", true)]
    [InlineData("initiator.endpoint == 10.0.4.12:1", false)]
    [InlineData("acceptor.endpoint == [2001:db8::7]:25672", true)]
    [InlineData("ip in {192.0.2.0/24, 10.0.0.0/8}", true)]
    [InlineData("initiator.endpoint != 10.0.0.0/8", false)]
    [InlineData("ip ~ 10.0", true)]
    // From the context.
    [InlineData("marked", false)]
    [InlineData("open", false)]
    public void A_rule_holds(string expression, bool expected) => Assert.Equal(expected, Match(expression));

    [Fact]
    public void Marks_and_what_is_open_come_with_the_context()
    {
        var context = Context with { Marked = new HashSet<int> { One.Id }, IsOpen = _ => true };
        Assert.True(Parse("marked and open").Matches(One, context));
        Assert.True(Match("open", Ended(Outcome.Incomplete,
            DiagnosisCode.CaptureEndsEarly) with
        { Facts = One.Facts with { Connection = new ConnectionFacts() } }));
    }

    private static JudgedHandshake Ended(Outcome outcome, DiagnosisCode code) =>
        One with { Judgement = One.Judgement with { Outcome = outcome, Diagnosis = One.Diagnosis with { Code = code } } };

    [Fact]
    public void A_problem_is_what_the_severity_says()
    {
        Assert.True(Match("problem", Ended(Outcome.Closed, DiagnosisCode.PeerClosed)));
        Assert.False(Match("problem", Ended(Outcome.Closed, DiagnosisCode.SimultaneousConnect)));
    }

    [Fact]
    public void A_clock_time_after_midnight_may_be_yesterdays()
    {
        var context = new WhereContext { Now = Now + 4 * 3600 * 1_000_000_000L }; // 00:20 on the next day
        Assert.False(Parse("started > 20:15").Matches(One, context));
        Assert.True(Parse("started > 20:14 and started < 0:10").Matches(One, context));
    }

    [Fact]
    public void A_nameless_side_is_called_by_its_endpoint_in_a_pair() =>
        Assert.True(Match("pair == \"10.0.4.12:41934 → rabbit@db1\"", One with { Initiator = One.Initiator with { Node = null } }));

    [Theory]
    [InlineData("outcome = auth", 9, 1, "use == for equal, ~ for contains", false)]
    [InlineData("outcome =", 9, 1, "use == for equal, ~ for contains", true)]
    [InlineData("outcome =~ auth", 9, 2, "use == for equal", false)]
    [InlineData("node contains web2", 6, 8, "use == for equal, ~ for contains", false)]
    [InlineData("outcme == x", 1, 6, "is it outcome?", false)]
    [InlineData("missingBytes == x", 1, 12, "is it connection.missingBytes?", false)]
    [InlineData("xyz == x", 1, 3, "no such field", false)]
    [InlineData("outcome ==", 11, 0, "a value is missing behind ==", true)]
    [InlineData("outcome == auth", 12, 4, "is it authentication-failed?", true)]
    [InlineData("outcome == auth ", 12, 4, "is it authentication-failed?", false)]
    [InlineData("outcome > closed", 9, 1, "outcome is an enumeration: use == != ~ !~ in", false)]
    [InlineData("problem ~ x", 9, 1, "problem is a flag: use == !=", false)]
    [InlineData("problem == yes", 12, 3, "true or false", true)]
    [InlineData("port == 1.5", 9, 3, "whole number", true)]
    [InlineData("duration > 1", 12, 1, "with its unit", true)]
    [InlineData("duration > 1.31 ms", 12, 4, "with its unit", false)]
    [InlineData("duration > 99999999999999999999h", 12, 21, "with its unit", true)]
    [InlineData("started > 25:00", 11, 5, "write a time in UTC: 20:14", true)]
    [InlineData("code == cookie-mismach", 9, 14, "no such code; is it cookie-mismatch?", true)]
    [InlineData("code == zzzzz", 9, 5, "no such code; one of ok, cookie-not-given, unverified, cookie-mismatch, cookie-crossed and ", true)]
    [InlineData("outcome == zzzzz", 12, 5,
        "no such outcome; one of established, authentication-failed, rejected, closed, incomplete, protocol-violation, encrypted", true)]
    [InlineData("ip == 10.0.4", 7, 6, "write an address", true)]
    [InlineData("ip == 10.0.4.0/33", 7, 11, "write an address", true)]
    [InlineData("ip == 10.0.4.256", 7, 10, "write an address", true)]
    [InlineData("ip == fe80::1%3", 14, 1, "put \" around", false)]
    [InlineData("(web2", 6, 0, "a ) is missing", true)]
    [InlineData("web2)", 5, 1, "no ( stands before this", true)]
    [InlineData("()", 2, 1, "missing before this", true)]
    [InlineData("web2 and", 9, 0, "a field or a word is missing", true)]
    [InlineData("or web2", 1, 2, "missing before or", false)]
    [InlineData("web2 & db1", 6, 1, "use and, or &&", false)]
    [InlineData("web2 | db1", 6, 1, "use or, or ||", false)]
    [InlineData("== x", 1, 1, "a field is missing", false)]
    [InlineData("node == 'x'", 9, 1, "use \" around text", false)]
    [InlineData("node == \"x", 9, 2, "its closing \"", true)]
    [InlineData("node ~ /x", 8, 2, "its closing /", true)]
    [InlineData("node ~ /(/", 8, 3, "no regular expression", true)]
    [InlineData(@"node ~ /(a)\1/ x", 8, 7, "no look-around", false)]
    [InlineData("/web/", 1, 1, "node ~ /web[12]/", false)]
    [InlineData("code in {ok", 12, 0, "a , or a }", true)]
    [InlineData("code in {}", 10, 1, "a set needs", true)]
    [InlineData("code == {ok}", 9, 1, "use in before a set", false)]
    public void An_error_names_its_place(string expression, int column, int length, string says, bool isIncomplete)
    {
        Assert.False(Where.TryParse(expression, out _, out var error));
        Assert.Equal((column, length, isIncomplete), (error.Column, error.Length, error.IsIncomplete));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("web2", "web2")]
    [InlineData("outcome == auth", "")]
    [InlineData("problem and", "problem")]
    [InlineData("problem and duration >", "problem")]
    [InlineData("problem or web2 and node ~ \"x", "problem or web2")]
    [InlineData("problem not ", "problem")]
    [InlineData("(problem and web2", "")]
    [InlineData("web2 (problem or ", "web2")]
    [InlineData("web2 (problem) code in {ok,", "web2 (problem)")]
    [InlineData("web2 = 3 and problem", "")]
    public void While_it_is_typed_the_whole_tests_before_the_error_hold(string typed, string valid)
    {
        var where = Where.ParsePrefix(typed, out var error);
        Assert.Equal(valid, where.Expression);
        Assert.Equal(typed == valid, error == null);
        Assert.Equal(Match(valid), where.Matches(One, Context));
    }
}
