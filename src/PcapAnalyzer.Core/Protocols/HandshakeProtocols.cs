using PcapAnalyzer.Core.Handshakes;
using PcapAnalyzer.Core.Protocols.Erlang;
using PcapAnalyzer.Core.Protocols.Ractor;

namespace PcapAnalyzer.Core.Protocols;

/// <summary>The list of protocols. Adding one is a folder beside this file and a line here.</summary>
public static class HandshakeProtocols
{
    public static IReadOnlyList<IHandshakeProtocol> All { get; } =
    [
        new RactorProtocol(),
        new ErlangProtocol(),
    ];
}
