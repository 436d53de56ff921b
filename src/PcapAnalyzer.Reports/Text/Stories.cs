using System.Runtime.InteropServices;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Reports;

/// <summary>One of several attempts with the same story, by its index in the list.</summary>
internal readonly record struct Attempt(int Index, int Id, long Started);

/// <summary>Groups handshakes, or sessions, that tell the same.</summary>
internal static class Stories
{
    /// <summary>The most equal attempts that are shown one by one.</summary>
    private const int MostAlone = 3;

    /// <summary>What attempts with the same story have in common. There may be a million stories: only what tells them apart.</summary>
    private readonly record struct Story(int Source, Outcome Outcome, DiagnosisCode Code, string Initiator, string Acceptor, string Proofs);

    internal static IEnumerable<IReadOnlyList<Attempt>> Of(IReadOnlyList<JudgedHandshake> handshakes, TextDetail detail)
    {
        var endpoints = new Dictionary<Endpoint, string>(); // one string for all that dial the same
        string Called(JudgedPeer peer) => peer.HasName ? TemporaryNode.Alike(peer.Node!)
            : CollectionsMarshal.GetValueRefOrAddDefault(endpoints, peer.Endpoint, out _) ??= peer.Called;
        return Of(handshakes, detail, handshake => (handshake.Id, handshake.Started), handshake => new Story(handshake.Source ?? 0,
            handshake.Outcome, handshake.Diagnosis.Code, Called(handshake.Initiator), Called(handshake.Acceptor),
            string.Join(' ', handshake.Proofs.Select(proof => $"{proof.By} {proof.Verdict} {proof.Cookie}"))));
    }

    internal static IEnumerable<IReadOnlyList<Attempt>> Of(IReadOnlyList<JudgedSession> sessions, TextDetail detail) =>
        Of(sessions, detail, session => (session.Id, session.Facts.Started),
            session => (session.Source, session.Called(Role.Initiator), session.Called(Role.Acceptor), session.Code));

    /// <summary>Groups in order. In normal detail, an attempt that repeats an earlier story joins it.</summary>
    private static IEnumerable<IReadOnlyList<Attempt>> Of<T, TStory>(
        IReadOnlyList<T> all, TextDetail detail, Func<T, (int Id, long Started)> of, Func<T, TStory> storyOf) where TStory : notnull
    {
        if (detail != TextDetail.Normal)
            return Enumerable.Range(0, all.Count).Select(index => (IReadOnlyList<Attempt>)[new Attempt(index, 0, 0)]);
        var (attempts, stories) = (new List<Attempt>(all.Count), new List<int>(all.Count));
        var numbers = new Dictionary<TStory, int>();
        foreach (var one in all)
        {
            var story = storyOf(one);
            if (!numbers.TryGetValue(story, out var number)) numbers[story] = number = numbers.Count;
            stories.Add(number);
            attempts.Add(new Attempt(attempts.Count, of(one).Id, of(one).Started));
        }
        var times = new int[numbers.Count];
        foreach (var story in stories) times[story]++;
        var repeated = new Dictionary<int, List<Attempt>>();
        for (var at = 0; at < attempts.Count; at++)
            if (times[stories[at]] > MostAlone)
                (CollectionsMarshal.GetValueRefOrAddDefault(repeated, stories[at], out _) ??= []).Add(attempts[at]);
        return attempts.Select((attempt, at) => repeated.GetValueOrDefault(stories[at]) ?? (IReadOnlyList<Attempt>)[attempt])
            .Where((story, at) => story[0].Index == at);
    }
}
