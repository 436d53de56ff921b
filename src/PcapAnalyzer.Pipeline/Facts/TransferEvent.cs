using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Pipeline.Facts;

/// <summary>Something that happened to a direction's bytes on their way, or several of its kind in a row.</summary>
/// <param name="Kind">What.</param>
/// <param name="By">Who sent the bytes.</param>
/// <param name="Count">How many bytes are missing, else how many segments came.</param>
/// <param name="Before">
/// Bytes that are missing have no time, only a place: they were sent before this message, by its index. 0 for others.
/// </param>
/// <param name="Time">Of the first segment; 0 where bytes are missing.</param>
/// <param name="LastTime">Of the last segment.</param>
/// <param name="Frame">Of the first segment.</param>
public sealed record TransferEvent(TransferEventKind Kind, Role By, long Count, int Before, long Time, long LastTime, long Frame);
