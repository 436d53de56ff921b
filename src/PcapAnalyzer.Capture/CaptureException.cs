namespace PcapAnalyzer.Capture;

/// <summary>A source cannot be read. The message names the source and says what to do.</summary>
public sealed class CaptureException(string message) : Exception(message)
{
    /// <summary>The right that the process lacks; null when the problem is not about rights.</summary>
    public string? MissingRight { get; init; }
}

/// <summary>libpcap rejected a capture filter. The message is libpcap's.</summary>
public sealed class FilterException(string message) : Exception(message);
