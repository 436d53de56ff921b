namespace PcapAnalyzer.Cli;

/// <summary>How far reading has come, on a terminal's standard error, for work that takes longer than a second.</summary>
internal sealed class Progress
{
    private const int Width = 30;
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Next = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly TextWriter? _output;
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly List<Part> _parts = [];
    private TimeSpan _due = First;
    private bool _isShown;

    private Progress(TextWriter? output, TimeProvider time)
    {
        _output = output;
        _time = time;
        _started = time.GetTimestamp();
    }

    /// <summary>One that shows itself where standard error is a terminal, and nothing elsewhere.</summary>
    internal static Progress OnTerminal() => new(Console.IsErrorRedirected ? null : Console.Error, TimeProvider.System);

    /// <summary>One more file that is read.</summary>
    internal Part Add()
    {
        var part = new Part(this);
        _parts.Add(part);
        return part;
    }

    /// <summary>Makes way for the report.</summary>
    internal void Clear()
    {
        lock (_lock)
        {
            if (_isShown) _output!.Write("\r\e[K");
            _isShown = false;
        }
    }

    private void Show()
    {
        lock (_lock)
        {
            var elapsed = _time.GetElapsedTime(_started);
            if (_output == null || elapsed < _due) return;
            _due = elapsed + Next;
            var (done, total) = (_parts.Sum(part => part.Done), _parts.Sum(part => part.Total ?? 0));
            if (total == 0) return; // a pipe ends when it ends
            var share = Math.Min(1, (double)done / total);
            var bar = new string('#', (int)(share * Width)).PadRight(Width, '.');
            _output.Write($"\r[{bar}] {share * 100,3:0} %  {done / 1e6:0} of {total / 1e6:0} MB  {done / 1e6 / elapsed.TotalSeconds:0} MB/s\e[K");
            _isShown = true;
        }
    }

    /// <summary>One file.</summary>
    internal sealed class Part(Progress all)
    {
        /// <summary>Bytes of the file; null where nobody knows.</summary>
        internal long? Total { get; set; }

        internal long Done { get; private set; }

        internal void Report(long position)
        {
            Done = position;
            all.Show();
        }
    }
}
