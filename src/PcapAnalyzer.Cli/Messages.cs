using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Cli;

/// <summary>Writes to standard error: lines, and on a terminal a last line that changes. Any thread may call it.</summary>
internal sealed class Messages
{
    private const int MostShown = 500;

    private readonly Lock _lock = new();
    private bool _hasLastLine;

    /// <summary>The last line is shown on a terminal only.</summary>
    internal bool IsTerminal { get; } = !Console.IsErrorRedirected;

    /// <summary>Writes a message. Text from a capture is escaped.</summary>
    internal static void Write(string message) => Console.Error.WriteLine($"pcap-analyzer: {ReportText.Safe(message, MostShown)}");

    internal void Say(string message)
    {
        lock (_lock)
        {
            ClearLastLine();
            Write(message);
        }
    }

    internal void ShowLastLine(string text)
    {
        lock (_lock)
        {
            Console.Error.Write($"\r{text}\e[K");
            _hasLastLine = true;
        }
    }

    /// <summary>Clears the last line before permanent output.</summary>
    internal void ClearLastLine()
    {
        lock (_lock)
        {
            if (_hasLastLine) Console.Error.Write("\r\e[K");
            _hasLastLine = false;
        }
    }
}
