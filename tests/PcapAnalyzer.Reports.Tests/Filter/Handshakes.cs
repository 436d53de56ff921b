using PcapAnalyzer.Reports.Filter;
using PcapAnalyzer.Testing;

namespace PcapAnalyzer.Reports.Tests;

/// <summary>Handshakes to ask of: those of the repository's captures, and made-up ones.</summary>
internal static class Handshakes
{
    /// <summary>20:20:00 of a day.</summary>
    internal const long Now = 1_783_887_600_000_000_000;

    internal static WhereContext Context { get; } = new() { Now = Now };

    /// <summary>rabbit@web1 dialled rabbit@db1, both proved prod, at 20:14:03 for 41.7 ms.</summary>
    internal static HandshakeReport One { get; } = Analysis.Report("erlang/ok.pcap", Analysis.TrueCookies("erlang/ok.pcap")).Handshakes[0] with
    {
        StartedAt = Now - 357_000_000_000,
        Duration = 0.0417m,
        Initiator = new PeerReport { Endpoint = "10.0.4.12:41934", Node = "rabbit@web1", Release = "OTP 25-27" },
        Acceptor = new PeerReport { Endpoint = "[2001:db8::7]:25672", Node = "rabbit@db1" },
    };

    internal static bool Match(string expression, HandshakeReport? handshake = null) => Parse(expression).Matches(handshake ?? One, Context);

    internal static Where Parse(string expression) =>
        Where.TryParse(expression, out var where, out var error) ? where : throw new InvalidOperationException($"{expression}: column {error.Column}: {error.Message}");
}
