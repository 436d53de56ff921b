using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Reports;

/// <summary>A finished capture: its facts and its source.</summary>
public sealed record AnalyzedCapture(ClusterView Cluster, CaptureSource? Source);
