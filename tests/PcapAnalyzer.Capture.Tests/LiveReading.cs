using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Testing;

namespace PcapAnalyzer.Capture.Tests;

/// <summary>A packet that was captured.</summary>
internal sealed record Caught(int Interface, long Number, long Time, LinkLayer Link, byte[] Bytes)
{
    internal bool EndsWith(ReadOnlySpan<byte> payload) => Bytes.AsSpan().EndsWith(payload);
}

/// <summary>A live source, read on a thread of its own until the test has seen what it waits for.</summary>
internal sealed class LiveReading : IDisposable
{
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(30);

    private readonly BlockingCollection<Caught> _packets = [];
    private readonly BlockingCollection<SourceProblem> _problems = [];
    private readonly BlockingCollection<long> _ticks = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly LiveSource _source;
    private readonly Task<CaptureSource> _read;

    /// <summary>Starts it, or skips the test where nothing can be captured; under CI that is a failure.</summary>
    internal LiveReading(string[] names, string? filter)
    {
        _source = Open(names, new LiveOptions { Filter = filter }, _ticks.Add, _problems.Add);
        _read = Task.Factory.StartNew(() => _source.Read(Take, _stop.Token), TaskCreationOptions.LongRunning);
    }

    internal static LiveSource Open(string[] names, LiveOptions options, Action<long>? onTick = null,
        Action<SourceProblem>? onProblem = null)
    {
        try
        {
            return new LiveSource(names, options, TimeProvider.System) { OnTick = onTick, OnProblem = onProblem };
        }
        catch (CaptureException problem) when (problem.MissingRight != null)
        {
            Missing.Tool(problem.Message);
            throw;
        }
    }

    internal Caught WaitForPacket(Predicate<Caught> isIt) => WaitFor(_packets, isIt);

    internal SourceProblem WaitForProblem(params string[] codes) => WaitFor(_problems, problem => codes.Contains(problem.Code));

    internal long WaitForTick(Predicate<long> isIt) => WaitFor(_ticks, isIt);

    internal CaptureSource Stop()
    {
        _stop.Cancel();
        return WaitForEnd();
    }

    internal CaptureSource WaitForEnd() => _read.Wait(Most) ? _read.Result : throw new TimeoutException("the source does not end");

    internal static long Now => (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * 100;

    /// <summary>A port of this machine that nobody else sends to.</summary>
    internal static UdpClient Receiver(out IPEndPoint at)
    {
        var receiver = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        at = (IPEndPoint)receiver.Client.LocalEndPoint!;
        return receiver;
    }

    public void Dispose()
    {
        Stop();
        _source.Dispose();
        _stop.Dispose();
    }

    private void Take(in Frame frame) =>
        _packets.Add(new Caught(frame.Interface, frame.Number, frame.Time, frame.Link, frame.Bytes.ToArray()));

    private static T WaitFor<T>(BlockingCollection<T> those, Predicate<T> isIt)
    {
        using var late = new CancellationTokenSource(Most);
        foreach (var one in those.GetConsumingEnumerable(late.Token))
            if (isIt(one)) return one;
        throw new InvalidOperationException();
    }
}
