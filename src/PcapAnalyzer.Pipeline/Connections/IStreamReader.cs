using PcapAnalyzer.Pipeline.Packets;

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

    /// <summary>A segment was taken, with or without bytes, after everything else took it.</summary>
    /// <param name="frame">Its frame.</param>
    /// <param name="segment">The segment.</param>
    /// <param name="offset">Its place in its stream.</param>
    /// <param name="acknowledges">The peer's offset that it acknowledges; 0 for an RST.</param>
    void OnSegment(in Frame frame, in TcpSegment segment, long offset, long acknowledges)
    {
    }

    /// <summary>Reassembly ends. The reader may take unread and early bytes now; they are gone afterwards.</summary>
    void OnDetached(Reassembly reassembly)
    {
    }

    /// <summary>Nothing more of the connection will come in this capture.</summary>
    void OnEnd();
}
