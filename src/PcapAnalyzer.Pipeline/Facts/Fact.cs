namespace PcapAnalyzer.Pipeline.Facts;

/// <summary>What one capture shows, before anything is concluded from it. Immutable, so it may cross threads, files and machines.</summary>
public abstract record Fact
{
    /// <summary>
    /// Counts the facts of one kind in one capture, from 1. A fact told again under its number replaces what was told before.
    /// </summary>
    public int Number { get; init; }
}

/// <summary>Takes the facts of one capture as the analyzer finds them, on the analyzer's thread.</summary>
public interface IFactSink
{
    void Tell(Fact fact);
}
