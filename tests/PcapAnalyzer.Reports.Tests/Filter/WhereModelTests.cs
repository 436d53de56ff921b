using CsCheck;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Reports.Tests;

/// <summary>Random expressions, printed with the fewest parentheses, match the same real handshakes as their syntax trees.</summary>
public sealed class WhereModelTests
{
    private abstract record Tree
    {
        internal abstract bool Holds(JudgedHandshake handshake);

        /// <param name="binding">Precedence of the surrounding operator: 0 or, 1 and, 2 not.</param>
        internal abstract string Print(int binding);
    }

    private sealed record Leaf(string Text, Func<JudgedHandshake, bool> Is) : Tree
    {
        internal override bool Holds(JudgedHandshake handshake) => Is(handshake);

        internal override string Print(int binding) => Text;
    }

    private sealed record Not(Tree Inner, string Word) : Tree
    {
        internal override bool Holds(JudgedHandshake handshake) => !Inner.Holds(handshake);

        internal override string Print(int binding) => Word + Inner.Print(2);
    }

    private sealed record Both(Tree Left, Tree Right, string Word) : Tree
    {
        internal override bool Holds(JudgedHandshake handshake) => Left.Holds(handshake) && Right.Holds(handshake);

        internal override string Print(int binding) => binding > 1 ? $"({Print(1)})" : $"{Left.Print(1)}{Word}{Right.Print(1)}";
    }

    private sealed record Either(Tree Left, Tree Right, string Word) : Tree
    {
        internal override bool Holds(JudgedHandshake handshake) => Left.Holds(handshake) || Right.Holds(handshake);

        internal override string Print(int binding) => binding > 0 ? $"({Print(0)})" : $"{Left.Print(0)}{Word}{Right.Print(0)}";
    }

    private static readonly Gen<Tree> Leaves = Gen.OneOf<Tree>(
        new Leaf("outcome == established", one => one.Outcome == Outcome.Established),
        new Leaf("outcome in {closed,rejected}", one => one.Outcome is Outcome.Closed or Outcome.Rejected),
        new Leaf("cookie", one => one.Proofs.Any(digest => !string.IsNullOrEmpty(digest.Cookie))),
        new Leaf("proof != verified", one => one.Proofs.Any(digest => !digest.IsVerified)),
        new Leaf("duration>5ms", one => one.Duration > 5_000_000),
        new Leaf("\"b1@h\"", one => $"{one.Initiator.Node}\n{one.Acceptor.Node}".Contains("b1@h", StringComparison.Ordinal)),
        new Leaf("messages.length >= 22", one => one.Messages.Any(message => message.Message.Length >= 22)),
        new Leaf("source", _ => false),
        new Leaf("id", _ => true));

    private static Gen<Tree> Trees(int depth) => depth == 0 ? Leaves : Gen.OneOf(
        Leaves,
        Gen.Select(Trees(depth - 1), Gen.OneOf("not ", "!", "NOT  "), (inner, word) => (Tree)new Not(inner, word)),
        Gen.Select(Trees(depth - 1), Trees(depth - 1), Gen.OneOf(" and ", " && ", " "),
            (left, right, word) => (Tree)new Both(left, right, word)),
        Gen.Select(Trees(depth - 1), Trees(depth - 1), Gen.OneOf(" or ", " || ", "||"),
            (left, right, word) => (Tree)new Either(left, right, word)));

    [Fact]
    public void A_printed_tree_says_what_the_tree_says()
    {
        var handshakes = Analysis.Report("rows/failure_rows.pcap", Analysis.TrueCookies("rows/failure_rows.pcap")).Handshakes.ToList();
        Trees(4).Sample(tree =>
        {
            var text = tree.Print(0);
            var where = Handshakes.Parse(text);
            foreach (var handshake in handshakes)
                Assert.True(tree.Holds(handshake) == where.Matches(handshake, Handshakes.Context), $"{text} of #{handshake.Id}");
        }, iter: 2000, print: tree => tree.Print(0));
    }
}
