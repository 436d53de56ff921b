using System.Collections.Concurrent;
using PcapAnalyzer.Capture;

namespace PcapAnalyzer.Cli;

/// <summary>The files of one run, by real path. Refuses to write a file that is read, or one twice.</summary>
internal sealed class FilesInUse
{
    /// <summary>The use of each file, by real path. Concurrent, because the screen saves on other threads.</summary>
    private readonly ConcurrentDictionary<string, string> _uses = [];

    /// <param name="files">Captures; <c>-</c> for standard input.</param>
    internal void ReadCaptures(IReadOnlyList<string> files)
    {
        foreach (var file in files)
        {
            if (file == "-") Add("/dev/stdin", "read as standard input");
            else Read("FILE", file);
        }
    }

    internal void Read(string option, string path) => Add(path, $"read as {option} {path}");

    /// <param name="path">The file, or null for none.</param>
    /// <exception cref="UsageException">It is in use already.</exception>
    internal void Write(string option, string? path)
    {
        if (path == null) return;
        Check($"{option} {path}", path);
        Add(path, $"written as {option} {path}");
    }

    internal void WriteStandardOutput()
    {
        const string Path = "/dev/stdout";
        Check("standard output", Path);
        Add(Path, "written as standard output");
    }

    /// <exception cref="UsageException">It is in use already.</exception>
    internal void Check(string named, string path)
    {
        if (PrivateFile.Place(path) is { } place && _uses.TryGetValue(place, out var use))
            throw new UsageException($"{named}: that file is {use}: name another one");
    }

    private void Add(string path, string use)
    {
        if (PrivateFile.Place(path) is { } place) _uses.TryAdd(place, use);
    }
}
