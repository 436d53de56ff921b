using System.Diagnostics;
using System.Globalization;
using PcapAnalyzer.Fuzz;
using PcapAnalyzer.Testing.Fuzzing;

switch (args)
{
    case ["seeds", var corpus]:
        Seeds.Write(corpus);
        return 0;
    case ["replay", var name, .. var paths]:
        return paths.Count(path => !Replays(FuzzTarget.Named(name), path)) == 0 ? 0 : 1;
    case ["speed", var name, var path, var rounds]:
        var (measured, bytes) = (FuzzTarget.Named(name), File.ReadAllBytes(path));
        var clock = Stopwatch.StartNew();
        for (var round = int.Parse(rounds, CultureInfo.InvariantCulture); round > 0; round--) measured.Check(bytes);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{clock.Elapsed.TotalMilliseconds / int.Parse(rounds, CultureInfo.InvariantCulture):0.000} ms"));
        return 0;
    case ["fuzz", var name, var corpus]:
        ForkServer.Run(FuzzTarget.Named(name), corpus);
        return 0;
    default:
        Console.Error.WriteLine($"usage: fuzz TARGET CORPUS, under afl-fuzz; replay TARGET FILE...; seeds DIRECTORY. "
            + $"TARGET is one of {string.Join(", ", FuzzTarget.All.Select(one => one.Name))}");
        return 2;
}

static bool Replays(FuzzTarget target, string path)
{
    try
    {
        target.Check(File.ReadAllBytes(path));
        Console.WriteLine($"{path}: taken");
        return true;
    }
    catch (Exception problem)
    {
        Console.WriteLine($"{path}: {problem}");
        return false;
    }
}
