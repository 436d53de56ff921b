using Xunit;

namespace PcapAnalyzer.Cli.Tests;

/// <summary>What is read is never written, by whatever name, and nothing is written twice.</summary>
public sealed class FilesInUseTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pcap-analyzer-in-use-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>
    /// Runs a line in a folder with a capture, cookie files, and links to them: <c>dir</c> is <c>real</c>, <c>link</c> is <c>x.pcap</c>.
    /// </summary>
    private Run In(string line) => CommandLine.Shell($"""
        cp captures/ractor/01_ok_new.pcap {_folder}/x.pcap && cd {_folder} && mkdir real && cp x.pcap real || exit
        ln -s real dir; ln -s x.pcap link
        printf abc > ck; printf '{"{"}"a":"b"{"}"}' > ring; sha256sum x.pcap real/x.pcap ck ring > sums
        {line}
        code=$?; sha256sum --quiet -c sums && exit $code
        """);

    [Theory]
    [InlineData("report x.pcap -o x.pcap", "--output x.pcap: that file is read as FILE x.pcap")]
    [InlineData("report real/x.pcap x.pcap -o ./link", "--output ./link: that file is read as FILE x.pcap")]
    [InlineData("report link -o x.pcap --format jsonl", "--output x.pcap: that file is read as FILE link")]
    [InlineData("report x.pcap --cookie-file prod=ck -o ck", "--output ck: that file is read as --cookie-file ck")]
    [InlineData("report x.pcap --cookies ring -o ring", "--output ring: that file is read as --cookies ring")]
    [InlineData("report x.pcap --cookies ring --write-handshakes ring", "--write-handshakes ring: that file is read as --cookies ring")]
    [InlineData("report real/x.pcap --write-handshakes dir/x.pcap", "--write-handshakes dir/x.pcap: that file is read as FILE real/x.pcap")]
    [InlineData("report x.pcap -o real/new --write-handshakes dir/new",
        "--write-handshakes dir/new: that file is written as --output real/new")]
    [InlineData("report - -o x.pcap < x.pcap", "--output x.pcap: that file is read as standard input")]
    [InlineData("report x.pcap --write-handshakes new > new", "--write-handshakes new: that file is written as standard output")]
    [InlineData("report x.pcap >> x.pcap", "standard output: that file is read as FILE x.pcap")]
    [InlineData("report -i lo -w ck --cookie-file ck", "--write ck: that file is read as --cookie-file ck")]
    [InlineData("report -i lo -w real/new -o dir/new", "--write real/new: that file is written as --output dir/new")]
    public void A_file_in_use_is_refused_and_stays_what_it_is(string line, string says)
    {
        var run = In($"$P {line}");
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Equal($"pcap-analyzer: {says}: name another one\nTry 'pcap-analyzer report --help'.\n", run.Error);
    }

    [Theory]
    [InlineData("$P report x.pcap -q -o /dev/stdout")]
    [InlineData("$P report - -q -o /dev/stdout < x.pcap | cat")]
    [InlineData("$P report x.pcap -q --write-handshakes /dev/null 2> /dev/null")]
    [InlineData("$P report x.pcap -q -o /dev/null --write-handshakes /dev/null && echo established")]
    [InlineData("$P report <(cat x.pcap) -q -o >(cat) && sleep 0.2")]
    [InlineData("$P report x.pcap -q -o real/new --write-handshakes new && $P report new -q -o dir/new && cat real/new")]
    public void Devices_pipes_and_files_of_their_own_are_written(string line)
    {
        var run = In(line);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("established", run.Output, StringComparison.Ordinal);
    }
}
