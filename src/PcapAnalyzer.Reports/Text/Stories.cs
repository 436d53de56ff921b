using System.Runtime.InteropServices;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Reports;

/// <summary>One of several attempts with the same story, by its index in the list.</summary>
internal readonly record struct Attempt(int Index, int Id, long Started);

/// <summary>Groups handshakes that tell the same.</summary>
internal static class Stories
{
    /// <summary>The most equal attempts that are shown one by one.</summary>
    private const int MostAlone = 3;

    /// <summary>What attempts with the same story have in common. There may be a million stories: only what tells them apart.</summary>
    private readonly record struct Story(int Source, Outcome Outcome, DiagnosisCode Code, string Initiator, string Acceptor, string Proofs);

    /// <summary>Groups handshakes in order. In normal detail, an attempt that repeats an earlier story joins it.</summary>
    internal static IEnumerable<IReadOnlyList<Attempt>> Of(IReadOnlyList<JudgedHandshake> handshakes, TextDetail detail)
    {
        if (detail != TextDetail.Normal)
            return Enumerable.Range(0, handshakes.Count).Select(index => (IReadOnlyList<Attempt>)[new Attempt(index, 0, 0)]);
        var (attempts, stories) = Read(handshakes);
        var times = new int[attempts.Count];
        foreach (var story in stories) times[story]++;
        var repeated = new Dictionary<int, List<Attempt>>();
        for (var at = 0; at < attempts.Count; at++)
            if (times[stories[at]] > MostAlone)
                (CollectionsMarshal.GetValueRefOrAddDefault(repeated, stories[at], out _) ??= []).Add(attempts[at]);
        return attempts.Select((attempt, at) => repeated.GetValueOrDefault(stories[at]) ?? (IReadOnlyList<Attempt>)[attempt])
            .Where((story, at) => story[0].Index == at);
    }

    /// <returns>All attempts in order, and the number of each one's story.</returns>
    private static (List<Attempt>, List<int>) Read(IReadOnlyList<JudgedHandshake> handshakes)
    {
        var (attempts, stories) = (new List<Attempt>(handshakes.Count), new List<int>(handshakes.Count));
        var numbers = new Dictionary<Story, int>();
        var endpoints = new Dictionary<Endpoint, string>(); // one string for all that dial the same
        string Called(JudgedPeer peer) => peer.HasName ? TemporaryNode.Alike(peer.Node!)
            : CollectionsMarshal.GetValueRefOrAddDefault(endpoints, peer.Endpoint, out _) ??= peer.Called;
        foreach (var handshake in handshakes)
        {
            var story = new Story(handshake.Source ?? 0, handshake.Outcome, handshake.Diagnosis.Code, Called(handshake.Initiator),
                Called(handshake.Acceptor),
                    string.Join(' ', handshake.Proofs.Select(proof => $"{proof.By} {proof.Verdict} {proof.Cookie}")));
            if (!numbers.TryGetValue(story, out var number)) numbers[story] = number = numbers.Count;
            stories.Add(number);
            attempts.Add(new Attempt(attempts.Count, handshake.Id, handshake.Started));
        }
        return (attempts, stories);
    }
}
