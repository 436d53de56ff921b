using PcapAnalyzer.Core.Cluster;

namespace PcapAnalyzer.Core.Reports;

/// <summary>One capture when it is over: what was found in it, and where it came from.</summary>
public sealed record AnalyzedCapture(ClusterView Cluster, SourceReport? Source);
