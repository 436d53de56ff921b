using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Testing;
using Xunit;
using static PcapAnalyzer.Testing.SessionFacts;

namespace PcapAnalyzer.Tui.Tests;

/// <summary>Sessions under their handshakes in the list.</summary>
public sealed class ListRowsTests
{
    private readonly CaptureReport _report = Analysis.Report("erlang/hidden.pcap", Analysis.TrueCookies("erlang/hidden.pcap"));
    private readonly TimelineModel _model = new();
    private readonly ListRows _rows = new();

    public ListRowsTests()
    {
        _model.Apply([.. _report.Handshakes.Select(handshake => new HandshakeUpdate(handshake, false))]);
        _rows.Update(_model, SessionsSeen.Of(_report.Sessions));
    }

    [Fact]
    public void A_session_has_the_row_under_its_handshake()
    {
        var sessions = _report.Sessions.Count(session => _rows.SessionOf(session.Handshake!.Value) != null);
        Assert.True(sessions > 0);
        Assert.Equal(_model.Count + sessions, _rows.Count);
        for (var row = 0; row < _model.Count; row++)
        {
            var place = _rows.PlaceOf(row);
            Assert.Equal((row, false), _rows.At(place));
            if (_rows.SessionOf(_model[row].Id) != null) Assert.Equal((row, true), _rows.At(place + 1));
        }
        Assert.Equal(-1, _rows.PlaceOf(-1));
    }

    [Fact]
    public void Folded_lists_and_lists_without_sessions_have_only_handshakes()
    {
        _model.Fold(true);
        _rows.Update(_model, SessionsSeen.Of(_report.Sessions));
        Assert.Equal(_model.Count, _rows.Count);
        _rows.Update(_model, SessionsSeen.None);
        Assert.Equal((_model.Count, (0, false)), (_rows.Count, _rows.At(0)));
    }

    [Theory]
    [InlineData(60, "   ╰  ◐ open-silent  34.000 s")]
    [InlineData(80, "   ╰ ━━━━━━━━━━━━━━━━━━━━━━━━▸ ◐ open-silent  34.000 s")]
    public void A_bar_shows_time_and_end(int width, string expected)
    {
        var session = JudgedSessions.Of(Cluster(40, Of(1, "a@h1", "b@h2", until: 34)))[0];
        Assert.Equal(expected, string.Concat(ListRows.Row(session, width).Select(run => run.Text)));
    }

    [Fact]
    public void A_bar_shows_a_silence_where_it_was()
    {
        var session = Of(1, "a@h1", "b@h2", until: 40);
        session = session with { FromAcceptor = session.FromAcceptor with { Silences = [new Silence(At(10), At(20))] } };
        var row = string.Concat(ListRows.Row(JudgedSessions.Of(Cluster(41, session))[0], 80).Select(run => run.Text));
        Assert.Contains("━━━━━━░░░░░░━━━━━━━━━━━━▸", row, StringComparison.Ordinal);
    }
}
