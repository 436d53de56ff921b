using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Tui;

/// <summary>A line of the field tree.</summary>
/// <param name="Depth">Nesting level, from 0.</param>
/// <param name="Offset">Offset of its bytes in the message, including the length prefix; -1 when it has no bytes.</param>
public sealed record FieldNode(int Depth, string Name, string Text, int Offset = -1, int Length = 0)
{
    public Ink Ink { get; init; } = Ink.Plain;

    /// <summary>Identifies the same line in another message.</summary>
    public required string Path { get; init; }
}

/// <summary>One step of a handshake as a tree of fields, over the bytes of its message.</summary>
public sealed class FieldTree
{
    private readonly List<FieldNode> _nodes = [];

    private FieldTree(byte[] bytes)
    {
        Bytes = bytes;
    }

    /// <summary>The message, length prefix first, as far as it was captured.</summary>
    public byte[] Bytes { get; }

    public IReadOnlyList<FieldNode> Nodes => _nodes;

    /// <summary>The tree of a message.</summary>
    /// <param name="message">Index of the message, from 0.</param>
    /// <param name="frames">The frames that carried it, if they were kept.</param>
    public static FieldTree Of(JudgedHandshake report, Handshake facts, int message, IReadOnlyList<FrameLayers> frames)
    {
        var seen = facts.Messages[message];
        var told = report.Messages[message];
        var prefix = new byte[seen.Header];
        for (var at = 0; at < prefix.Length && at < 8; at++) prefix[^(at + 1)] = (byte)(seen.Length >> (8 * at));
        var tree = new FieldTree([.. prefix, .. seen.Body]);
        foreach (var frame in frames) tree.Add(frame);
        if (frames.Count == 0) tree.Add(0, "frames", string.Join(' ', told.Frames.Select(number => $"#{number}")));
        var receiver = report.Peer(told.From.Other());
        var sender = report.Peer(told.From);
        tree.Add(0, told.Kind.Word(), $"{seen.Length} bytes, {sender.Shown} > {receiver.Shown}", 0, tree.Bytes.Length, Ink.Strong);
        if (seen.IsCut) tree.Add(1, "cut", $"{seen.Body.Length} of {seen.Length} bytes are in the capture", -1, 0, Ink.Warn);
        if (seen.IsConflicting) tree.Add(1, "conflict", "some bytes were sent twice with different content", -1, 0, Ink.Bad);
        tree.Add(1, "length", $"{seen.Length}", 0, seen.Header);
        foreach (var field in told.Fields)
        {
            tree.Add(1, field.Name, ReportText.Safe(field.Value.Text(), 4000), seen.Header + field.Offset, field.Length);
            if (field.Value is FieldValue.Flags flags)
                foreach (var name in flags.Value.Names) tree.Add(2, name, "", seen.Header + field.Offset, field.Length);
            if (field.Name == "digest") tree.AddProof(report, told, seen.Header + field.Offset, field.Length);
        }
        return tree;
    }

    /// <summary>The tree of a step that is not a message: only its packets.</summary>
    public static FieldTree Of(IReadOnlyList<FrameLayers> frames)
    {
        var tree = new FieldTree([]);
        foreach (var frame in frames) tree.Add(frame);
        return tree;
    }

    /// <summary>Index of the smallest field that contains a byte; -1 if none does.</summary>
    public int NodeAt(int offset)
    {
        var best = -1;
        for (var at = 0; at < _nodes.Count; at++)
        {
            var node = _nodes[at];
            if (node.Offset <= offset && offset < node.Offset + node.Length && (best < 0 || node.Length < _nodes[best].Length)) best = at;
        }
        return best;
    }

    /// <summary>The lines outside closed branches. IsBranch: the line has children. IsLast: no sibling follows.</summary>
    public IReadOnlyList<(FieldNode Node, bool IsBranch, bool IsLast)> Lines(IReadOnlySet<string> closed)
    {
        var lines = new List<(FieldNode, bool, bool)>();
        var hidden = int.MaxValue;
        for (var at = 0; at < _nodes.Count; at++)
        {
            var node = _nodes[at];
            if (node.Depth > hidden) continue;
            hidden = closed.Contains(node.Path) ? node.Depth : int.MaxValue;
            var next = _nodes.FindIndex(at + 1, other => other.Depth <= node.Depth);
            lines.Add((node, at + 1 < _nodes.Count && _nodes[at + 1].Depth > node.Depth, next < 0 || _nodes[next].Depth < node.Depth));
        }
        return lines;
    }

    private void AddProof(JudgedHandshake report, JudgedMessage told, int offset, int length)
    {
        if (report.ProofBy(told.From) is not { } digest) return;
        var challenge = digest.Challenge is { } number ? $"{number}" : "a challenge that is not in the capture";
        var over = digest.Scheme switch
        {
            "md5-erlang" => $"MD5(cookie, \"{challenge}\")",
            { } scheme => $"{scheme} of cookie and {challenge}",
            null => $"cookie and {challenge}",
        };
        Add(2, "over", over, offset, length);
        var (glyph, ink) = ((Verdict?)digest.Verdict).Glyph();
        var words = digest.Verdict switch
        {
            Verdict.Verified => ReportText.Safe(digest.Cookie!),
            Verdict.Mismatch => "fits none of the cookies given",
            Verdict.NoCookie => "no cookie given",
            Verdict.NoChallenge => "its challenge is not in the capture",
            _ => "not verifiable",
        };
        Add(2, "verdict", $"{glyph} {words}", offset, length, ink);
    }

    private void Add(FrameLayers frame)
    {
        Add(0, $"frame {frame.Number}", frame.Summary);
        foreach (var (name, text) in frame.Layers) Add(1, name, text);
    }

    private void Add(int depth, string name, string text, int offset = -1, int length = 0, Ink ink = Ink.Plain)
    {
        var parent = _nodes.FindLastIndex(node => node.Depth < depth);
        var path = parent < 0 ? name : $"{_nodes[parent].Path}/{name}";
        _nodes.Add(new FieldNode(depth, name, text, offset, length) { Ink = ink, Path = path });
    }
}
