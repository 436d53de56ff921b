using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Cli.Tests;

/// <summary>No cookie in output, logs, errors or crashes; no file that others may read, and none written through a link.</summary>
public sealed class SecretsTests : IDisposable
{
    private const string Capture = "captures/erlang/wrong_cookie.pcap";
    private const string Cookie = "SeKrEt-0815";

    private readonly string _folder = Directory.CreateTempSubdirectory("pcap-analyzer-secrets-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("$P report C --cookie SECRET -v")]
    [InlineData("$P report C --cookie SECRET --ladder")]
    [InlineData("$P report C --cookie SECRET --format json")]
    [InlineData("$P report C --cookie SECRET --format jsonl")]
    [InlineData("$P report C --cookie SECRET --cookie-hash")]
    [InlineData("PCAP_ANALYZER_COOKIE=SECRET $P report C -v")]
    [InlineData("echo SECRET > F/c; $P report C --cookie-file F/c -v")]
    [InlineData("echo SECRET > F/c; $P report C --cookies F/c")] // no JSON: an error that may not quote it
    [InlineData("echo '{\"a\": SECRET}' > F/c; $P report C --cookies F/c")]
    [InlineData("echo '[\"SECRET\"]' > F/c; $P report C --cookies F/c")]
    [InlineData("$P report C --cookie SECRET --write-handshakes F/w; strings F/w")]
    [InlineData("$P report C --cookie SECRET --where 'cookie == nope'")]
    [InlineData("$P report no-such.pcap --cookie SECRET")]
    [InlineData("$P report README.md --cookie SECRET")]
    [InlineData("$P report C --cookie SECRET -o F/")]
    [InlineData("$P view C --cookie SECRET")]
    [InlineData("$P view C --cookie=SECRET")]
    public void A_cookie_is_never_told(string line)
    {
        var run = CommandLine.Shell(line.Replace("C ", $"{Capture} ", StringComparison.Ordinal)
            .Replace("F/", $"{_folder}/", StringComparison.Ordinal).Replace("SECRET", Cookie, StringComparison.Ordinal));
        Assert.DoesNotContain(Cookie, run.Output, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Cookie, run.Error, StringComparison.OrdinalIgnoreCase);
        Assert.NotEqual("", run.Output + run.Error);
    }

    [Fact]
    public void A_crash_tells_what_and_where_and_nothing_that_was_read()
    {
        var line = Crash.Line(Assert.ThrowsAny<Exception>(() => Fault(Cookie)));
        Assert.Matches($"^this should not happen: FormatException at .*\\. Please report it", line);
        Assert.DoesNotContain(Cookie, line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
        Assert.DoesNotContain(Repository.Root, line, StringComparison.Ordinal);
        Assert.DoesNotContain(Cookie, Crash.Line(new InvalidOperationException(Cookie)), StringComparison.Ordinal);
        static int Fault(string text)
        {
            try
            {
                return int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
            }
            catch (FormatException problem)
            {
                Assert.Contains(text, problem.Message, StringComparison.Ordinal);
                throw new InvalidOperationException(text, problem);
            }
        }
    }

    [Theory]
    [InlineData("-o $F")]
    [InlineData("-o $F --format json")]
    [InlineData("-o $F --format jsonl")]
    [InlineData("--write-handshakes $F")]
    public void Written_files_are_private_whatever_was_there_before(string options)
    {
        var (file, precious) = (Path.Combine(_folder, "out"), Path.Combine(_folder, "precious"));
        foreach (var before in new[] { "true", "touch $F; chmod 666 $F", "ln -s precious $F", "ln -s missing $F", "touch $F; chmod 0 $F" })
        {
            File.WriteAllText(precious, "precious");
            var run = CommandLine.Shell($"cd {_folder}; F={file}; rm -f $F; umask 0; {before}; "
                + $"$P report {Repository.Root}/{Capture} {options} >/dev/null && stat -c '%a %F' $F");
            Assert.Equal(("600 regular file\n", ""), (run.Output, run.Error));
            Assert.Equal("precious", File.ReadAllText(precious));
            Assert.Equal([file, precious], Directory.GetFiles(_folder).Order());
        }
    }

    [Fact]
    public void A_pipe_behind_a_link_is_not_written_to()
    {
        var run = CommandLine.Shell($"cd {_folder}; mkfifo pipe; ln -s pipe out; "
            + $"timeout 20 $P report {Repository.Root}/{Capture} -q -o out; stat -c %F out pipe");
        Assert.Equal(("regular file\nfifo\n", ""), (run.Output, run.Error));
    }

    [Theory]
    [InlineData("$P report C -q -o /dev/stdout")]
    [InlineData("$P report C -q -o /dev/stdout | cat")]
    [InlineData("$P report C -q -o /dev/stdout > F/x; cat F/x")]
    [InlineData("$P report C -q -o /dev/fd/3 3>&1")]
    [InlineData("$P report C -q -o /proc/self/fd/1")]
    [InlineData("$P report C -q -o >(cat) | cat")]
    public void The_own_descriptors_have_names(string line)
    {
        var run = CommandLine.Shell(line.Replace("C ", $"{Capture} ", StringComparison.Ordinal)
            .Replace("F", _folder, StringComparison.Ordinal));
        Assert.Equal(CommandLine.Report(Capture, "-q") with { ExitCode = 0 }, run);
    }

    [Fact]
    public void In_shared_memory_a_link_is_replaced_too()
    {
        var link = $"/dev/shm/pcap-analyzer-{Guid.NewGuid()}";
        var precious = Path.Combine(_folder, "precious");
        File.WriteAllText(precious, "precious");
        var run = CommandLine.Shell($"ln -s {precious} {link}; $P report {Capture} -o {link}; stat -c %F {link}; rm {link}");
        Assert.Equal(("regular file\n", ""), (run.Output, run.Error));
        Assert.Equal("precious", File.ReadAllText(precious));
    }
}
