using System.Net;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Reports.Filter;
using PcapAnalyzer.Testing;

namespace PcapAnalyzer.Reports.Tests;

/// <summary>Handshakes to filter: those of the repository's captures, and synthetic ones.</summary>
internal static class Handshakes
{
    /// <summary>20:20:00 UTC on 2026-07-12.</summary>
    internal const long Now = 1_783_887_600_000_000_000;

    internal static WhereContext Context { get; } = new() { Now = Now };

    /// <summary>rabbit@web1 connected to rabbit@db1 at 20:14:03; both proved prod; it took 41.7 ms.</summary>
    internal static JudgedHandshake One { get; } = MakeOne();

    internal static bool Match(string expression, JudgedHandshake? handshake = null) =>
        Parse(expression).Matches(handshake ?? One, Context);

    internal static Where Parse(string expression) =>
        Where.TryParse(expression, out var where, out var error) ?
            where : throw new InvalidOperationException($"{expression}: column {error.Column}: {error.Message}");

    private static JudgedHandshake MakeOne()
    {
        var real = Analysis.Report("erlang/ok.pcap", Analysis.TrueCookies("erlang/ok.pcap")).Handshakes[0];
        var started = Now - 357_000_000_000;
        HandshakeMessage Moved(HandshakeMessage message) =>
            message with { Time = message.Kind == MessageKind.ChallengeAck ? started + 41_700_000 : started + message.Time - real.Started };
        var facts = real.Facts with { Started = started, Messages = [.. real.Facts.Messages.Select(Moved)] };
        return real with
        {
            Facts = facts,
            Messages = [.. facts.Messages.Select(message => new JudgedMessage(facts, message))],
            Initiator = new JudgedPeer
            {
                Endpoint = Endpoint.From(IPAddress.Parse("10.0.4.12"), 41934),
                Node = "rabbit@web1",
                Release = "OTP 25-27"
            },
            Acceptor = new JudgedPeer { Endpoint = Endpoint.From(IPAddress.Parse("2001:db8::7"), 25672), Node = "rabbit@db1" },
        };
    }
}
