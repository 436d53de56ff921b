using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Judging.Cluster;

/// <summary>
/// The full names of the nodes that EPMD names, as handshakes tell them: EPMD knows the part before the host. A million handshakes may
/// tell other names, so only what was asked for is kept.
/// </summary>
internal sealed class FullNames
{
    private readonly HashSet<(Endpoint Host, string Alive)> _asked = [];
    private readonly Earliest<(Endpoint Host, string Alive), string> _names = new(int.MaxValue);

    internal bool AreAsked => _asked.Count > 0;

    /// <summary>The full name that a handshake told since the first question; all of them once each was noted again.</summary>
    internal string? Of(Endpoint host, string alive)
    {
        _asked.Add((host, alive));
        return _names.TryGet((host, alive), out var name) ? name : null;
    }

    internal void Note(Handshake handshake)
    {
        if (!AreAsked) return;
        foreach (var role in (ReadOnlySpan<Role>)[Role.Initiator, Role.Acceptor])
        {
            if (handshake.NodeOf(role) is not { } name || name.IndexOf('@') is not (> 0 and var at)) continue;
            var key = (handshake.EndpointOf(role).Host, name[..at]);
            if (_asked.Contains(key)) _names.Add(key, name, handshake.Number);
        }
    }
}
