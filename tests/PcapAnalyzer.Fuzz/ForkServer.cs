using System.Diagnostics;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using PcapAnalyzer.Testing.Fuzzing;
using Trace = SharpFuzz.Common.Trace;

namespace PcapAnalyzer.Fuzz;

/// <summary>
/// Answers afl-fuzz as a fork server does, with a child that runs one input after the other, and a new one when it is dead.
/// </summary>
/// <remarks>
/// As SharpFuzz's own, but that afl-fuzz's clock starts only when the child is ready, warmed up, and that a second of CPU
/// is the limit: on a busy machine a second of the clock says nothing.
/// </remarks>
internal static unsafe partial class ForkServer
{
    private const string Requests = "198";
    private const string Answers = "199";
    private const string Pipes = "PCAP_ANALYZER_FUZZ_PIPES";
    private const string SharedMemory = "__AFL_SHM_ID";
    private const int Aborted = 6;
    private const int LongestInput = 1 << 20;
    private const nuint MapLength = 1 << 16;

    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(1);

    internal static void Run(FuzzTarget target, string corpus)
    {
        if (Environment.GetEnvironmentVariable(Pipes)?.Split(' ') is [var requests, var answers])
            BeChild(target, corpus, requests, answers);
        else BeServer();
    }

    private static void BeServer()
    {
        using var requests = new BinaryReader(new AnonymousPipeClientStream(PipeDirection.In, Requests));
        using var answers = new BinaryWriter(new AnonymousPipeClientStream(PipeDirection.Out, Answers));
        var child = new Child();
        answers.Write(0);
        while (true)
        {
            try
            {
                requests.ReadInt32();
            }
            catch (EndOfStreamException)
            {
                return;
            }
            child ??= new Child();
            answers.Write(child.Id);
            var status = child.Run();
            if (status == null) child = null;
            answers.Write(status ?? Aborted);
        }
    }

    private static void BeChild(FuzzTarget target, string corpus, string requests, string answers)
    {
        using var requestReader = new BinaryReader(new AnonymousPipeClientStream(PipeDirection.In, requests));
        using var answerWriter = new BinaryWriter(new AnonymousPipeClientStream(PipeDirection.Out, answers));
        // What a process does only once would look like what an input does: a map that nobody reads takes it.
        Trace.SharedMem = (byte*)NativeMemory.AllocZeroed(MapLength);
        foreach (var path in Directory.GetFiles(corpus, "seed-*")) target.Check(File.ReadAllBytes(path));
        Trace.SharedMem = (byte*)ShmAt(int.Parse(Environment.GetEnvironmentVariable(SharedMemory)!,
            System.Globalization.CultureInfo.InvariantCulture), 0, 0);
        using var input = Console.OpenStandardInput();
        var buffer = new byte[LongestInput];
        answerWriter.Write(0);
        try
        {
            while (true)
            {
                requestReader.ReadInt32();
                Trace.PrevLocation = 0;
                answerWriter.Write(IsTaken(target, buffer.AsSpan(0, input.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)))
                    ? 0 : Aborted);
            }
        }
        catch (EndOfStreamException)
        {
        }
    }

    private static bool IsTaken(FuzzTarget target, ReadOnlySpan<byte> input)
    {
        var before = Environment.CpuUsage.TotalTime;
        try
        {
            target.Check(input);
            return Environment.CpuUsage.TotalTime - before <= MostTime;
        }
        catch (Exception)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "shmat")]
    private static partial nint ShmAt(int id, nint address, int flags);

    /// <summary>A process that runs inputs, and was ready for the first when it was made.</summary>
    private sealed class Child
    {
        private readonly Process _process;
        private readonly BinaryWriter _requests;
        private readonly BinaryReader _answers;

        internal Child()
        {
            var requests = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.Inheritable);
            var answers = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.Inheritable);
            var start = new ProcessStartInfo("dotnet", Environment.GetCommandLineArgs());
            start.Environment[Pipes] = $"{requests.GetClientHandleAsString()} {answers.GetClientHandleAsString()}";
            _process = Process.Start(start)!;
            requests.DisposeLocalCopyOfClientHandle();
            answers.DisposeLocalCopyOfClientHandle();
            (_requests, _answers) = (new BinaryWriter(requests), new BinaryReader(answers));
            _answers.ReadInt32();
        }

        internal int Id => _process.Id;

        /// <returns>How it ended; null when the process is dead.</returns>
        internal int? Run()
        {
            try
            {
                _requests.Write(0);
                return _answers.ReadInt32();
            }
            catch (IOException)
            {
                _requests.Dispose();
                _answers.Dispose();
                _process.WaitForExit();
                _process.Dispose();
                return null;
            }
        }
    }
}
