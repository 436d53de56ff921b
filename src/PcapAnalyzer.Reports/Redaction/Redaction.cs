using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Judging.Sessions;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Reports;

/// <summary>Redacts a report for sharing. Only what is known to be harmless stays.</summary>
/// <remarks>Diagnoses take names from <see cref="ClusterView.Shown"/>; this redacts the rest before any output reads it.</remarks>
internal static class Redaction
{
    /// <summary>Replaces a value that is removed but may not be absent.</summary>
    internal const string LeftOut = "redacted";

    internal static JudgedHandshake Of(JudgedHandshake whole, Pseudonyms names) => whole with
    {
        Unredacted = whole,
        Initiator = Of(whole.Initiator, names),
        Acceptor = Of(whole.Acceptor, names),
        Lookup = whole.Lookup is { } lookup ? lookup with { Name = names.Of(lookup.Name!) } : null,
        Status = whole.Facts.First(MessageKind.Status)?.Content.Answer == StatusAnswer.Unknown ? LeftOut : whole.Status,
        Messages = [.. whole.Messages.Select(message => message with { Redacted = Of(message.Fields, names) })],
        Proofs = [.. whole.Proofs.Select(proof => proof with { Challenge = null, Digest = null })],
    };

    /// <summary>Names of processes and of other nodes are left out; those of the session's nodes become pseudonyms.</summary>
    internal static SessionJudgement Of(SessionJudgement whole, Pseudonyms? names) => names == null ? whole
        : whole with
        {
            InitiatorNode = whole.InitiatorNode == null ? null : names.Of(whole.InitiatorNode),
            AcceptorNode = whole.AcceptorNode == null ? null : names.Of(whole.AcceptorNode),
            Facts = whole.Facts with { FromInitiator = Of(whole.Facts.FromInitiator), FromAcceptor = Of(whole.Facts.FromAcceptor) },
            Events = [.. whole.Events.Select(one => one.Kind == SessionEventKind.CallUnanswered ? one with { Detail = null } : one)],
        };

    internal static Split Of(Split split, Pseudonyms? names) => names == null ? split
        : split with { Groups = [.. split.Groups.Select(IReadOnlyList<string> (group) => [.. group.Select(names.Of)])] };

    private static SessionSide Of(SessionSide side) => side with { Destinations = new Dictionary<string, long>() };

    /// <param name="number">Position of the source, from 1.</param>
    internal static CaptureSource Of(CaptureSource source, int number) => source with
    {
        Name = $"capture-{number}",
        Interfaces = source.Interfaces == null ? null : [.. source.Interfaces.Select(one => one with { Name = null })],
        Comments = null,
        Problems = [.. source.Problems.Select(problem => problem with { Detail = LeftOut })],
    };

    private static JudgedPeer Of(JudgedPeer peer, Pseudonyms names) => peer with
    {
        Node = peer.Node == null ? null : names.Of(peer.Node),
        ConnectionString = peer.ConnectionString == null ? null : names.OfAddress(peer.ConnectionString),
    };

    private static List<MessageField> Of(IReadOnlyList<MessageField> known, Pseudonyms names)
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
        return fields;
    }
}
