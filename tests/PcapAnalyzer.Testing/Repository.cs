namespace PcapAnalyzer.Testing;

/// <summary>Finds the repository's files, wherever the tests run.</summary>
public static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Captures { get; } = Path.Combine(Root, "captures");

    /// <summary>Every capture in the repository, relative to <see cref="Captures"/>.</summary>
    public static IEnumerable<string> AllCaptures =>
        from path in Directory.EnumerateFiles(Captures, "*.pcap*", SearchOption.AllDirectories)
        where path.EndsWith(".pcap", StringComparison.Ordinal) || path.EndsWith(".pcapng", StringComparison.Ordinal)
        let relative = Path.GetRelativePath(Captures, path)
        orderby relative
        select relative;

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory != null; directory = directory.Parent)
            if (File.Exists(Path.Combine(directory.FullName, "PcapAnalyzer.sln"))) return directory.FullName;
        throw new InvalidOperationException("the tests run outside the repository");
    }
}
