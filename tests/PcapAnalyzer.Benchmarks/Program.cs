using System.Globalization;
using BenchmarkDotNet.Running;
using PcapAnalyzer.Benchmarks;
using PcapAnalyzer.Testing;

switch (args)
{
    case ["generate", var name, var path] when CaptureShape.Presets.ContainsKey(name) || Attack.All.ContainsKey(name)
        || SessionCaptures.All.ContainsKey(name):
        // Never a half-written input under the name that `make bench` looks for.
        using (var output = new FileStream(path + ".part", FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            if (Attack.All.TryGetValue(name, out var write) || SessionCaptures.All.TryGetValue(name, out write)) write(output);
            else CaptureGenerator.Write(CaptureShape.Presets[name], output);
        }
        File.Move(path + ".part", path, overwrite: true);
        return 0;
    case ["replay", var path, var device, var rate, var time]:
        var (frames, seconds) = Replay.Run(path, device, double.Parse(rate, CultureInfo.InvariantCulture),
            double.Parse(time, CultureInfo.InvariantCulture));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{frames} {seconds:0.000}"));
        return 0;
    case ["layers", .. var options]:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(options);
        return 0;
    default:
        Console.Error.WriteLine($"usage: generate NAME PATH, where "
            + $"NAME is one of {string.Join(", ", CaptureShape.Presets.Keys.Concat(Attack.All.Keys).Concat(SessionCaptures.All.Keys))}; "
            + "or replay FILE INTERFACE RATE SECONDS; or layers, with BenchmarkDotNet's options");
        return 2;
}
