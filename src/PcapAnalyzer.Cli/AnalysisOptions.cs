using System.CommandLine;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Cli;

/// <summary>The options that select what to analyse. Every verb that reads a capture has them.</summary>
internal sealed class AnalysisOptions
{
    /// <summary>Some 31 years: far more than any cluster waits, and far less than nanoseconds can count.</summary>
    private const double LongestTickTime = 1_000_000_000;

    private readonly Option<int[]> _ports = new("--port")
    {
        HelpName = "N",
        Description = "Look only at connections with this TCP port. May be repeated. Without it every port is looked at.",
    };

    private readonly Option<string[]> _protocols = new("--protocol")
    {
        HelpName = "NAME",
        Description = "Look only for this protocol. May be repeated. One of: "
            + $"{string.Join(", ", HandshakeProtocols.All.Select(protocol => protocol.Name))}.",
    };

    private readonly Option<double?> _netTickTime = new("--net-ticktime")
    {
        HelpName = "SECONDS",
        Description = "How long a silence Erlang nodes accept (net_ticktime), where their ticks do not tell. "
            + "Without it 60 are assumed then.",
    };

    private readonly Option<string> _parser = new("--parser")
    {
        HelpName = "fast|packetdotnet",
        Description = "Which decoder to use: fast, with PacketDotNet for what it does not know, or packetdotnet for all frames.",
        DefaultValueFactory = _ => "fast",
        Recursive = true,
    };

    internal AnalysisOptions()
    {
        _parser.TakesOneOf("fast", "packetdotnet");
        _protocols.TakesOneOf([.. HandshakeProtocols.All.Select(protocol => protocol.Name)]);
        _ports.TakesPorts();
        _netTickTime.Validators.Add(result =>
        {
            if (result.Errors.Any() || result.GetValueOrDefault<double?>() is not { } seconds) return;
            if (!(seconds is > 0 and <= LongestTickTime))
                result.AddError($"--net-ticktime takes seconds, above 0 and at most {LongestTickTime}");
        });
    }

    internal IEnumerable<Option> All => [_ports, _protocols, _netTickTime];

    /// <summary>Belongs to the root command, so that it may precede the verb.</summary>
    internal Option Parser => _parser;

    internal CaptureAnalysis NewAnalysis(ParseResult parsed, CookieRing ring, bool keepsEvidence, Pseudonyms? pseudonyms = null)
    {
        var names = parsed.GetValue(_protocols) ?? [];
        var options = new AnalyzerOptions
        {
            Protocols = [.. HandshakeProtocols.All.Where(protocol => names.Length == 0 || names.Contains(protocol.Name))],
            Evidence = keepsEvidence ? new EvidenceLimits() : null,
            Ports = (parsed.GetValue(_ports) ?? []).Select(port => (ushort)port).ToHashSet(),
        };
        var general = new PacketDotNetParser();
        var isFast = parsed.GetValue(_parser) == "fast";
        var analysis = new CaptureAnalysis(options, ring, isFast ? new FrameParser() : general, isFast ? general : null, pseudonyms);
        analysis.Cluster.NetTickTime = (long?)(parsed.GetValue(_netTickTime) * 1_000_000_000);
        return analysis;
    }
}
