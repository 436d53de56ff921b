namespace PcapAnalyzer.Pipeline.Connections;

/// <summary>The conversations whose bytes somebody reads, oldest first: some kilobytes each, so that there is a limit to them.</summary>
/// <remarks>Those that are read no more are left out now and then, when the list has grown a quarter beyond the limit.</remarks>
internal sealed class ConversationsRead(int limit, Action<Conversation> giveUp)
{
    private List<Conversation> _all = [];

    /// <summary>How many were given up.</summary>
    internal long Dropped { get; private set; }

    /// <summary>Some may be read no more.</summary>
    internal IReadOnlyList<Conversation> All => _all;

    internal void Add(Conversation conversation)
    {
        _all.Add(conversation);
        if (_all.Count < limit + limit / 4) return;
        var still = _all.FindAll(one => one.Reassembly != null);
        var tooMany = Math.Max(0, still.Count - limit);
        _all = still[tooMany..];
        Dropped += tooMany;
        foreach (var oldest in still[..tooMany])
        {
            oldest.IsGivenUp = true;
            giveUp(oldest);
        }
    }
}
