using System.Text;
using PcapAnalyzer.Capture;

namespace PcapAnalyzer.Cli;

/// <summary>Standard error that may be lost: a full disk or a reader that is gone ends nothing.</summary>
internal sealed class StandardError : TextWriter
{
    private readonly Stream _output = Console.OpenStandardError();

    private StandardError()
    {
    }

    public override Encoding Encoding => Console.OutputEncoding;

    /// <summary>A closed descriptor belongs to a file that was opened in its place: nothing is written to that.</summary>
    internal static TextWriter Open() => StandardStreams.IsClosed(2) ? Null : new StandardError();

    public override void Write(char value) => Write(value.ToString());

    public override void Write(string? value)
    {
        try
        {
            _output.Write(Encoding.GetBytes(value ?? ""));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // There is nobody to tell. A descriptor that is open only for reading is the second kind.
        }
    }

    public override void WriteLine(string? value) => Write($"{value}\n"); // in one piece
}
