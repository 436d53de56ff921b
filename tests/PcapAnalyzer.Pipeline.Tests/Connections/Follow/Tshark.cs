using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>tshark's <c>follow</c>.</summary>
internal static partial class Tshark
{
    /// <param name="path">A capture.</param>
    /// <param name="streams">How many of its streams to follow, from the first on.</param>
    /// <returns>Of each stream, what each endpoint sent (<c>address:port</c>).</returns>
    internal static IReadOnlyList<IReadOnlyDictionary<string, Stream>> Follow(string path, int streams)
    {
        string[] arguments = ["-n", "-q", "-r", path, "-o", "tcp.reassemble_out_of_order:TRUE",
            .. Enumerable.Range(0, streams).SelectMany(index => (string[])["-z", $"follow,tcp,raw,{index}"])];
        // It tells them last one first.
        return [.. Run(arguments).Split("Follow: tcp,raw", StringSplitOptions.RemoveEmptyEntries)[1..].Select(Parse).Reverse()];
    }

    private static string Run(string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("tshark", arguments)
            { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, errors.Result);
            return output;
        }
        catch (Win32Exception)
        {
            Missing.Tool("tshark is not installed");
            throw new UnreachableException();
        }
    }

    private static Dictionary<string, Stream> Parse(string text)
    {
        var nodes = Nodes().Matches(text).Select(match => match.Groups[1].Value).ToArray();
        var streams = nodes.ToDictionary(node => node, _ => new Stream());
        foreach (Match line in Lines().Matches(text))
        {
            var bytes = Convert.FromHexString(line.Groups[2].Value);
            var stream = streams[nodes[line.Groups[1].Length]];
            var missing = MissingBytes().Match(Encoding.Latin1.GetString(bytes));
            if (missing.Success) stream.AddMissing(long.Parse(missing.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture));
            else stream.Add(bytes);
        }
        return streams;
    }

    [GeneratedRegex(@"^Node [01]: (\S+)$", RegexOptions.Multiline)]
    private static partial Regex Nodes();

    [GeneratedRegex(@"^(\t?)([0-9a-f]+)$", RegexOptions.Multiline)]
    private static partial Regex Lines();

    [GeneratedRegex(@"^\[(\d+) bytes missing in capture file\]\0$")]
    private static partial Regex MissingBytes();
}
