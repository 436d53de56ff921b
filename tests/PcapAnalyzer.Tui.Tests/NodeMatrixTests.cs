using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Reports.Filter;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Tui.Tests;

public sealed class NodeMatrixTests
{
    private static readonly IReadOnlyList<JudgedHandshake> Reports =
        [.. Trace.Report(Story.Packets.OrderBy(packet => packet.Time), Story.Prod).Handshakes];
    private static readonly NodeMatrix Matrix = new(Reports);

    [Fact]
    public void Every_handshake_is_counted_once_for_each_of_its_sides()
    {
        Assert.Equal(2 * Reports.Count, Matrix.Nodes.Sum(node => node.Good + node.Failed + node.Other));
        Assert.Equal(Reports.Count, Matrix.Nodes.SelectMany(from => Matrix.Nodes.Select(to => Matrix[from, to]?.Count ?? 0)).Sum());
    }

    [Fact]
    public void Failing_nodes_come_first_and_a_cookie_is_told_by_who_proved_it()
    {
        Assert.Equal(Matrix.Nodes.Select(node => node.Failed).OrderDescending(), Matrix.Nodes.Select(node => node.Failed));
        Assert.Equal(["none of yours", "prod", "staging"],
            ((string[])["rabbit@web2", "rabbit@web1", "alpha@host"]).Select(name => Node(name).Cookie));
        Assert.Equal("not seen", Node("shell@laptop").Cookie);
        Assert.Equal(["1", "not given"],
            new NodeMatrix([.. Trace.Report(Story.Packets.OrderBy(packet => packet.Time), CookieRing.Empty).Handshakes]).Nodes.Where(node =>
            node.Name == "rabbit@web2").Select(node => node.Cookie == "no cookie given" ? "1" : node.Cookie).Append("not given"));
    }

    [Fact]
    public void A_cell_shows_the_latest_attempt_and_how_many_there_were()
    {
        var cell = Matrix[Node("rabbit@web2"), Node("rabbit@db1")]!.Value;
        Assert.Equal((3, false, Outcome.AuthenticationFailed), (cell.Count, cell.IsMixed, cell.Last.Outcome));
        Assert.Equal(Reports.Where(report => report.Initiator.Node == "rabbit@web2").Max(report => report.Started), cell.Last.Started);
        Assert.Null(Matrix[Node("rabbit@db1"), Node("rabbit@web2")]);
    }

    /// <summary>What a row or a cell counts is what its filter leaves.</summary>
    [Fact]
    public void The_filter_of_a_cell_leaves_what_the_cell_counts()
    {
        foreach (var from in Matrix.Nodes)
        {
            Assert.Equal(from.Good + from.Failed + from.Other, Left(NodeFilter.Of(from)));
            foreach (var to in Matrix.Nodes)
                if (Matrix[from, to] is { } cell) Assert.Equal(cell.Count, Left(NodeFilter.Of(from, to)));
        }
    }

    private static NodeRow Node(string name) => Matrix.Nodes.Single(node => node.Name == name);

    private static int Left(string filter)
    {
        Assert.True(Where.TryParse(filter, out var where, out var error), $"{filter}: {error?.Message}");
        return Reports.Count(report => where.Matches(report, new WhereContext { Now = 0 }));
    }
}
