using System.CommandLine;
using System.Text.Json;
using PcapAnalyzer.Judging.Cookies;

namespace PcapAnalyzer.Cli;

/// <summary>The options that supply cookies. Only <see cref="Cookie"/> keeps their values.</summary>
internal sealed class CookieOptions
{
    internal const string Variable = "PCAP_ANALYZER_COOKIE";

    private const int MiB = 1024 * 1024;

    /// <summary>Limit for a cookie file. Erlang accepts 255 characters, and reading a device might never end.</summary>
    private const int LargestFile = MiB;

    private const int LargestRing = 64 * MiB;

    private readonly Option<string[]> _files = new("--cookie-file")
    {
        HelpName = "[LABEL=]PATH",
        Description = "A file with one cookie, read as Erlang reads it: what stands before the first CR or LF. The usual one is "
            + "~/.erlang.cookie, of RabbitMQ /var/lib/rabbitmq/.erlang.cookie. May be repeated.",
    };

    private readonly Option<string[]> _rings = new("--cookies")
    {
        HelpName = "PATH",
        Description = "A JSON object of label to cookie, for many at once. May be repeated.",
    };

    private readonly Option<string[]> _values = new("--cookie")
    {
        HelpName = "VALUE",
        Description = "A cookie itself. Other users of this machine can see it in the process list: prefer --cookie-file, or the "
            + $"environment variable {Variable}.",
    };

    private readonly Option<bool> _hash = new("--cookie-hash")
    {
        Description = "Tell RabbitMQ's cookie hash of each cookie given, to compare with the one in its log.",
    };

    internal IEnumerable<Option> All => [_files, _rings, _values, _hash];

    internal bool WantsHashes(ParseResult parsed) => parsed.GetValue(_hash);

    /// <exception cref="InputException">A file cannot be read, or is not a JSON object of label to cookie.</exception>
    internal CookieRing Read(ParseResult parsed)
    {
        var cookies = new List<Cookie>();
        foreach (var given in parsed.GetValue(_files) ?? [])
        {
            var (label, path) = Split(given);
            var content = Content(_files.Name, path);
            if (content is [] or [(byte)'\r' or (byte)'\n', ..])
                Messages.Write($"{_files.Name} {path}: its first line is empty, so the cookie is empty too; is it the right file?");
            cookies.Add(Cookie.FromFile(label, content));
        }
        foreach (var path in parsed.GetValue(_rings) ?? []) cookies.AddRange(ReadRing(_rings.Name, path));
        var values = parsed.GetValue(_values) ?? [];
        if (values.Any(LooksLabelled))
            Messages.Write("--cookie takes a cookie without a label, so what stands before the = counts as part of it; "
                + "--cookie-file LABEL=PATH and --cookies give labels");
        for (var i = 0; i < values.Length; i++) cookies.Add(Cookie.FromText(values.Length == 1 ? "cookie" : $"cookie-{i + 1}", values[i]));
        if (Environment.GetEnvironmentVariable(Variable) is { } fromEnvironment)
            cookies.Add(Cookie.FromText("environment", fromEnvironment));
        return new CookieRing(cookies);
    }

    internal void AddTo(FilesInUse inUse, ParseResult parsed)
    {
        foreach (var given in parsed.GetValue(_files) ?? []) inUse.Read(_files.Name, Split(given).Path);
        foreach (var path in parsed.GetValue(_rings) ?? []) inUse.Read(_rings.Name, path);
    }

    /// <summary>
    /// Splits <c>prod=/etc/cookie</c> into label and path. An argument without a label, or one that names an existing file, gets
    /// the file's name as its label.
    /// </summary>
    private static (string Label, string Path) Split(string given)
    {
        var equals = given.IndexOf('=');
        return equals > 0 && !File.Exists(given) ? (given[..equals], given[(equals + 1)..]) : (Path.GetFileName(given), given);
    }

    /// <summary>Whether a cookie looks like <c>label=value</c>. Base64 has its = at the end.</summary>
    private static bool LooksLabelled(string value) => value.TrimEnd('=').IndexOf('=') > 0;

    private static IEnumerable<Cookie> ReadRing(string option, string path)
    {
        try
        {
            using var ring = JsonDocument.Parse(Content(option, path, LargestRing));
            if (ring.RootElement.ValueKind != JsonValueKind.Object) throw new JsonException();
            return [.. ring.RootElement.EnumerateObject()
                .Select(entry => Cookie.FromText(entry.Name, entry.Value.GetString() ?? throw new JsonException()))];
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            // The parser's own message may quote the file, which holds secrets.
            throw new InputException($"{option} {path}: is no JSON object of label to cookie, like {{\"prod\": \"…\"}}");
        }
    }

    /// <summary>The bytes of a file. Reading stops at the limit, because the length of a pipe or device is not known before.</summary>
    /// <exception cref="InputException">The file cannot be read, or is too large.</exception>
    internal static byte[] Content(string option, string path, int most = LargestFile)
    {
        try
        {
            using var file = File.OpenRead(path);
            var content = new byte[4096];
            var length = 0;
            while (file.Read(content, length, content.Length - length) is > 0 and var read)
            {
                length += read;
                if (length > most)
                    throw new InputException($"{option} {path}: holds more than {most / MiB} MiB, as no file of cookies does: name the "
                        + "right one");
                if (length == content.Length) Array.Resize(ref content, Math.Min(2 * length, most + 1));
            }
            return content[..length];
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            var why = Directory.Exists(path) ? "is a directory"
                : problem is UnauthorizedAccessException ? "permission denied"
                : File.Exists(path) ? problem.Message : "no such file";
            throw new InputException($"{option} {path}: {why}");
        }
    }
}
