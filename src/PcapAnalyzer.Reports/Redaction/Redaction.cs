using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Reports;

/// <summary>What a report, or a packet, may tell to strangers. What is not known to be harmless is left out.</summary>
/// <remarks>Words get their names from <see cref="ClusterView.Shown"/>; every field of a report goes through here before a writer sees it.</remarks>
internal static class Redaction
{
    /// <summary>Stands for what is left out and cannot be absent.</summary>
    internal const string LeftOut = "redacted";

    internal static HandshakeReport Of(HandshakeReport report, Handshake handshake, Pseudonyms names) => report with
    {
        Unredacted = report,
        Initiator = Of(report.Initiator, names),
        Acceptor = Of(report.Acceptor, names),
        Lookup = report.Lookup is { } lookup ? lookup with { Name = names.Of(lookup.Name) } : null,
        Status = handshake.First(MessageKind.Status)?.Content.Answer == StatusAnswer.Unknown ? LeftOut : report.Status,
        Messages = [.. report.Messages.Select((message, index) => message with { Fields = Of(handshake.FieldsOf(handshake.Messages[index]), names) })],
        Digests = [.. report.Digests.Select(digest => digest with { Challenge = null, Value = null })],
    };

    /// <param name="source">Where packets came from.</param>
    /// <param name="number">Its place, from 1.</param>
    internal static SourceReport Of(SourceReport source, int number) => source with
    {
        Name = $"capture-{number}",
        Interfaces = source.Interfaces == null ? null : [.. source.Interfaces.Select(one => one with { Name = null })],
        Comments = null,
        Problems = [.. source.Problems.Select(problem => problem with { Detail = LeftOut })],
    };

    private static PeerReport Of(PeerReport peer, Pseudonyms names) => peer with
    {
        Node = peer.Node == null ? null : names.Of(peer.Node),
        ConnectionString = peer.ConnectionString == null ? null : names.OfAddress(peer.ConnectionString),
    };

    private static MessageFields Of(IReadOnlyList<MessageField> known, Pseudonyms names)
    {
        var fields = new List<MessageField>();
        foreach (var field in known)
        {
            var shared = (field.Sharing, field.Value) switch
            {
                (FieldSharing.AsItIs, _) => field.Value,
                (FieldSharing.AsName, FieldValue.Text name) => new FieldValue.Text(names.Of(name.Value)),
                (FieldSharing.AsAddress, FieldValue.Text address) => new FieldValue.Text(names.OfAddress(address.Value)),
                _ => null,
            };
            if (shared != null) fields.Add(field with { Value = shared });
        }
        return new MessageFields(fields);
    }
}
