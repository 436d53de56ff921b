namespace PcapAnalyzer.Pipeline.Protocols.Tls;

/// <summary>A TLS record behind its sender's switch to encryption: all that it shows.</summary>
/// <param name="From">Who sent it.</param>
/// <param name="Length">Bytes of the record, without its header.</param>
public readonly record struct SealedRecord(Role From, int Length);
