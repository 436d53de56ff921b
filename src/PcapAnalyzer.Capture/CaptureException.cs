namespace PcapAnalyzer.Capture;

/// <summary>A source that cannot be read: the message names it and says what to do.</summary>
public sealed class CaptureException(string message) : Exception(message)
{
    /// <summary>The right that is needed and not there; null when it is not about rights.</summary>
    public string? MissingRight { get; init; }
}

/// <summary>A capture filter that libpcap does not accept; the message is libpcap's.</summary>
public sealed class FilterException(string message) : Exception(message);
