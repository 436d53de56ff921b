using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Reports;

/// <summary>One capture when it is over: what was found in it, and where it came from.</summary>
public sealed record AnalyzedCapture(ClusterView Cluster, CaptureSource? Source);
