using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Reports.Tests;

public sealed class TemporaryNodeTests
{
    [Theory]
    [InlineData("rabbitmqcli-706-rabbit@h", "a temporary node of RabbitMQ's command-line tools")]
    [InlineData("rabbit-1650-3219@beta", "a temporary node, as peer discovery starts one")]
    [InlineData("peer-1-77@beta.example", "a temporary node, as peer discovery starts one")]
    [InlineData("rabbit_prelaunch_77@localhost", "a temporary node of a broker that starts")]
    [InlineData("rabbit@beta", null)]
    [InlineData("rabbit-1@beta", null)]
    [InlineData("rabbitmqcli-x-rabbit@h", null)]
    [InlineData("-1-2@h", null)]
    [InlineData("rabbit-1-2@", null)]
    [InlineData("10.0.0.1:50000", null)]
    [InlineData("", null)]
    public void A_name_made_for_one_call_tells_what_the_node_is(string name, string? kind) => Assert.Equal(kind, TemporaryNode.Of(name));

    [Fact]
    public void Calls_of_one_tool_from_one_host_are_one_story()
    {
        var calls = Enumerable.Range(0, 6)
            .Select(n => new Playbook($"10.0.0.1:{50_000 + n}", startMilliseconds: 1000 * n).Erlang($"rabbitmqcli-{n}-rabbit@h", "rabbit@h")
            .InitiatorCloses()).Append(new Playbook("10.0.0.3:50000", startMilliseconds: 9000)
            .Erlang("rabbitmqcli-7-rabbit@other", "rabbit@h").InitiatorCloses());
        using var text = new StringWriter();
        TextReport.Write(Playbook.Report(FailureRow.Cookies, [.. calls]), text, new TextStyle(Colour: false, TextDetail.Normal));
        Assert.Contains("and 5 more of the same", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("    rabbitmqcli-0-rabbit@h is a temporary node of RabbitMQ's command-line tools, by its name\n", text.ToString(),
            StringComparison.Ordinal);
        Assert.Contains("rabbitmqcli-7-rabbit@other", text.ToString(), StringComparison.Ordinal);
    }
}
