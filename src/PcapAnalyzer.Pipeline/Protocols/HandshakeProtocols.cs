using PcapAnalyzer.Pipeline.Protocols.Erlang;
using PcapAnalyzer.Pipeline.Protocols.Ractor;

namespace PcapAnalyzer.Pipeline.Protocols;

/// <summary>The list of protocols. To add one, add a folder beside this file and a line here.</summary>
public static class HandshakeProtocols
{
    public static IReadOnlyList<IHandshakeProtocol> All { get; } =
    [
        new RactorProtocol(),
        new ErlangProtocol(),
    ];
}
