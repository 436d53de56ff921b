using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Capture.Tests;

/// <summary>
/// A file of 4 MiB that somebody changes while it is read: when the first packet is handed on, at most a quarter has been.
/// </summary>
public sealed class ChangingFileTests : IDisposable
{
    private const int Packets = 3000;
    private const int FileHeader = 24;
    private const int Record = 16 + 1400;
    private const int Half = FileHeader + Record * Packets / 2;

    private readonly string _folder = Directory.CreateTempSubdirectory("pcap-analyzer-").FullName;
    private readonly byte[] _whole = Capture(Packets, from: 0);

    private string Name => Path.Combine(_folder, "changing.pcap");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(0, Packets / 2, "")]
    [InlineData(1, Packets / 2, "truncated-file")]
    [InlineData(Record - 1, Packets / 2, "truncated-file")]
    [HardCase("file that shrinks while it is read")]
    public void A_shrinking_file_is_read_to_its_new_end(int beyond, int packets, string problem) =>
        Holds(Changed(() => Write(file => file.SetLength(Half + beyond))), packets, problem);

    [Fact]
    [HardCase("file that shrinks while it is read")]
    public void A_file_that_shrinks_below_what_was_read_ends_there()
    {
        var reading = Changed(() => Write(file => file.SetLength(0)));
        Holds(reading, reading.Frames.Count, reading.Problems);
        Assert.InRange(reading.Frames.Count, 1, Packets / 2);
        Assert.Contains(reading.Problems, (string[])["", "truncated-file"]);
    }

    [Theory]
    [InlineData(0, Packets + 1, "")]
    [InlineData(1, Packets, "truncated-file")]
    [HardCase("file that grows while it is read")]
    public void A_growing_file_is_read_to_its_end_at_that_time(int less, int packets, string problem) =>
        Holds(Changed(() => Append(Record - less)), packets, problem);

    [Fact]
    [HardCase("file that grows while it is read")]
    public void Data_appended_after_the_end_was_reached_is_not_read() => Holds(Changed(() => Append(Record), at: Packets), Packets, "");

    [Fact]
    [HardCase("file that is replaced while it is read")]
    public void A_file_replaced_while_it_is_read_is_read_as_it_was() => Holds(
        Changed(() =>
        {
            File.WriteAllBytes(Name + ".new", Capture(7, from: 0));
            File.Move(Name + ".new", Name, overwrite: true);
        }),
        Packets, "");

    [Fact]
    [HardCase("file that is replaced while it is read")]
    public void A_file_overwritten_with_other_bytes_is_damaged_from_there() => Holds(
        Changed(() => Write(file =>
        {
            file.Position = Half;
            file.Write(Enumerable.Repeat((byte)'x', 100_000).ToArray());
        })),
        Packets / 2, "damaged-file");

    /// <summary>Records of one length, each with its number in every byte pair.</summary>
    private static byte[] Capture(int packets, int from)
    {
        var capture = new CaptureBuilder().Pcap();
        for (var number = from; number < from + packets; number++) capture.Record((uint)number, 0, Bytes(number));
        return capture.Bytes;
    }

    private static byte[] Bytes(int number) => [.. Enumerable.Repeat(BitConverter.GetBytes((short)number), 700).SelectMany(pair => pair)];

    private void Append(int length) => Write(file =>
    {
        file.Position = file.Length;
        file.Write(Capture(1, from: Packets).AsSpan(FileHeader, length));
    });

    private void Write(Action<FileStream> change)
    {
        using var file = new FileStream(Name, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        change(file);
    }

    private Reading Changed(Action change, int at = 1)
    {
        File.WriteAllBytes(Name, _whole);
        return Reading.Of(new CaptureFileSource(Name), number =>
        {
            if (number == at) change();
        });
    }

    private static void Holds(Reading reading, int packets, string problem)
    {
        Assert.Equal((packets, problem), (reading.Frames.Count, reading.Problems));
        for (var number = 0; number < packets; number++)
            Assert.Equal(Convert.ToHexStringLower(Bytes(number)), reading.Frames[number].Bytes);
    }
}
