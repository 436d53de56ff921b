namespace PcapAnalyzer.Pipeline.Connections;

/// <summary>Takes the ordered bytes of both directions of one connection. The reassembler owns the bytes.</summary>
internal interface IStreamReader
{
    /// <summary>True when the connection is kept however long it is silent.</summary>
    bool IsFollowing { get; }

    /// <summary>More bytes are in <see cref="DirectionReassembler.Buffer"/>.</summary>
    void OnBytes(DirectionReassembler stream);

    /// <summary>Bytes are missing. The buffer still holds what stood before them; afterwards it restarts behind them.</summary>
    void OnGap(DirectionReassembler stream, long length);

    /// <summary>Bytes came again that the buffer no longer holds. A reader that kept what it made of them compares them.</summary>
    void OnAgain(bool fromLow, long offset, ReadOnlySpan<byte> bytes)
    {
    }

    /// <summary>Nothing more of the connection will come in this capture.</summary>
    void OnEnd();
}
