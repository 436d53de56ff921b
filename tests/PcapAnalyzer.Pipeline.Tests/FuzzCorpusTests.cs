using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using CsCheck;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Testing;
using PcapAnalyzer.Testing.Fuzzing;
using Xunit;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>What <c>make fuzz</c> begins with and all that it found, replayed; and mutations of that, which need no fuzzer.</summary>
public sealed class FuzzCorpusTests
{
    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("FUZZ_ROUNDS") ?? "300",
        CultureInfo.InvariantCulture);

    private static readonly uint[] OddNumbers = [0, 1, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, 0x8000_0000,
        0xFFFF_FFFF];

    public static TheoryData<string> Targets => [.. FuzzTarget.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Every_corpus_input_keeps_its_property(string name)
    {
        foreach (var file in Files(name)) Check(name, file, File.ReadAllBytes(file));
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Every_mutation_of_a_corpus_input_keeps_its_property(string name)
    {
        var inputs = Files(name).Select(File.ReadAllBytes).ToArray();
        var change = Gen.Select(Gen.Int[0, 8], Gen.Int[0, 8191], Gen.UInt, Gen.Int[1, 64]);
        Gen.Select(Gen.Int[0, inputs.Length - 1], change.Array[1, 8])
            .Select((index, changes) => changes.Aggregate(inputs[index], (input, one) => Change(input, one, inputs)))
            .Sample(input => FuzzTarget.Named(name).Check(input), iter: Rounds, print: input => HowToReplay(name, Keep(name, input)));
    }

    /// <summary>A corpus without a target would never be replayed.</summary>
    [Fact]
    public void Every_corpus_has_its_target() =>
        Assert.Equal(FuzzTarget.All.Select(target => target.Name).Order(),
            Directory.GetDirectories(Corpus).Select(path => Path.GetFileName(path)).Order());

    private static string Corpus => Path.Combine(Repository.Root, "tests/corpus");

    private static string[] Files(string name) => [.. Directory.GetFiles(Path.Combine(Corpus, name)).Order(StringComparer.Ordinal)];

    private static void Check(string name, string file, byte[] input)
    {
        try
        {
            FuzzTarget.Named(name).Check(input);
        }
        catch (Exception problem)
        {
            throw new InvalidOperationException($"{HowToReplay(name, file)}: {problem.Message}", problem);
        }
    }

    private static string HowToReplay(string name, string file) =>
        $"dotnet run --project tests/PcapAnalyzer.Fuzz -c Release -- replay {name} {Path.GetRelativePath(Repository.Root, file)}";

    /// <summary>Where the build's output goes; move it to the corpus when its cause is gone.</summary>
    private static string Keep(string name, byte[] input)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts/fuzz/mutations"));
        var file = Path.Combine(folder.FullName, $"{name}-{Convert.ToHexStringLower(SHA256.HashData(input))[..12]}");
        File.WriteAllBytes(file, input);
        return file;
    }

    private static byte[] Change(byte[] input, (int Kind, int Place, uint Number, int Length) change, byte[][] inputs)
    {
        if (input.Length == 0) return inputs[0];
        var at = change.Place % input.Length;
        var to = Math.Min(input.Length, at + change.Length);
        var odd = OddNumbers[change.Number % (uint)OddNumbers.Length];
        switch (change.Kind)
        {
            case 0:
                return input[..at]; // the beginning
            case 1:
                return [.. input[..at], .. input[to..]]; // a part less
            case 2:
                return [.. input[..to], .. input[at..]]; // a part twice
            case 3:
                var other = inputs[change.Number % (uint)inputs.Length];
                return [.. input[..at], .. other[Math.Min(at, other.Length)..]];
            case 4:
                other = inputs[change.Number % (uint)inputs.Length];
                var from = change.Length % Math.Max(1, other.Length);
                return [.. input[..at], .. other[from..Math.Min(other.Length, from + 64)], .. input[at..]];
            default:
                var changed = input.ToArray();
                Edit(changed.AsSpan(at), change.Kind, change.Number, odd);
                return changed;
        }
    }

    /// <summary>A bit, a byte, or a number of 16 or 32 bits in either byte order, as lengths are.</summary>
    private static void Edit(Span<byte> at, int kind, uint number, uint odd)
    {
        if (kind == 5) at[0] ^= (byte)(1 << (int)(number & 7));
        else if (kind == 6 || at.Length < 4) at[0] = (byte)odd;
        else if (kind == 7 && (number & 16) == 0)
            BinaryPrimitives.WriteUInt16BigEndian(at, (ushort)(BinaryPrimitives.ReadUInt16BigEndian(at) + (short)(number & 7) - 4));
        else if (kind == 7) BinaryPrimitives.WriteUInt16LittleEndian(at, (ushort)odd);
        else if ((number & 16) == 0) BinaryPrimitives.WriteUInt32BigEndian(at, odd);
        else BinaryPrimitives.WriteUInt32LittleEndian(at, BinaryPrimitives.ReadUInt32LittleEndian(at) + (number & 7) - 4);
    }
}
