namespace PcapAnalyzer.Pipeline.Connections;

/// <summary>Takes the ordered bytes of both directions of one connection. The bytes stay the reassembler's.</summary>
internal interface IStreamReader
{
    /// <summary>True once the connection proved to be worth remembering however long it is silent.</summary>
    bool IsFollowing { get; }

    /// <summary>More bytes stand in <see cref="DirectionReassembler.Buffer"/>.</summary>
    void OnBytes(DirectionReassembler stream);

    /// <summary>Bytes that will not come. The buffer still holds what stood before them; it restarts behind them afterwards.</summary>
    void OnGap(DirectionReassembler stream, long length);

    /// <summary>Bytes came again that no buffer holds any more: whoever kept what it made of them compares them.</summary>
    void OnAgain(bool fromLow, long offset, ReadOnlySpan<byte> bytes)
    {
    }

    /// <summary>The connection is over, for this capture: nothing more will come.</summary>
    void OnEnd();
}
