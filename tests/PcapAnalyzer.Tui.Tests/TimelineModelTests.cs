using PcapAnalyzer.Core.Cluster;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Tui.Tests;

public sealed class TimelineModelTests
{
    [Fact]
    public void Shows_the_handshakes_of_the_report_in_their_order()
    {
        var model = new TimelineModel();
        model.Apply([.. Analysis.Report("ractor/06_mesh_new.pcap", CookieRing.Empty).Handshakes.Select(report => new HandshakeUpdate(report, false))]);
        Assert.Equal(["a@127.0.0.1", "c@127.0.0.1", "c@127.0.0.1"], Enumerable.Range(0, model.Count).Select(row => model[row].Initiator.Node));
    }
}
