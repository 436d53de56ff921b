using System.ComponentModel;
using System.Diagnostics;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using PcapAnalyzer.Testing;

namespace PcapAnalyzer.Benchmarks;

/// <summary>
/// Sends the frames of a generated capture out of an Ethernet interface, at a rate, over and over until the time is over.
/// </summary>
internal static unsafe partial class Replay
{
    private const int Packet = 17; // AF_PACKET
    private const int Raw = 3;
    private const int PacketLevel = 263;
    private const int QdiscBypass = 20;

    /// <summary>Frames of one system call: more than a few make it cheap, few enough for an even rate.</summary>
    private const int Batch = 64;

    /// <returns>Frames sent, and the seconds that took.</returns>
    internal static (long Frames, double Seconds) Run(string path, string device, double rate, double seconds)
    {
        using var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        using var view = file.CreateViewAccessor(0, new FileInfo(path).Length, MemoryMappedFileAccess.Read);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        var first = start + PcapFile.FileHeader;
        var end = start + new FileInfo(path).Length;
        // what is not in memory yet must not slow it down later
        for (var page = start; page < end; page += 4096) _ = Volatile.Read(ref *page);

        var socket = Open(device);
        var parts = stackalloc Part[Batch];
        var messages = stackalloc Message[Batch];
        for (var i = 0; i < Batch; i++) messages[i] = new Message { Parts = parts + i, PartCount = 1 };
        var clock = Stopwatch.StartNew();
        long sent = 0;
        for (var at = first; clock.Elapsed.TotalSeconds < seconds;)
        {
            var due = (long)(clock.Elapsed.TotalSeconds * rate) - sent;
            if (due < Batch)
            {
                if (rate < 1000 * Batch) Thread.Sleep(1);
                continue;
            }
            for (var i = 0; i < Batch; i++)
            {
                if (at >= end) at = first;
                var length = *(int*)(at + 8);
                parts[i] = new Part { Start = at + PcapFile.RecordHeader, Length = length };
                at += PcapFile.RecordHeader + length;
            }
            for (var done = 0; done < Batch;)
            {
                var count = SendMany(socket, messages + done, (uint)(Batch - done), 0);
                // full for a moment
                done += count >= 0 ? count : Marshal.GetLastPInvokeError() is 11 or 105 ? 0 : throw new Win32Exception();
            }
            sent += Batch;
        }
        return (sent, clock.Elapsed.TotalSeconds);
    }

    private static int Open(string device)
    {
        var socket = NewSocket(Packet, Raw, 0);
        var address = new LinkAddress { Family = Packet, Interface = (int)IndexOf(device) };
        if (socket < 0 || address.Interface == 0 || Bind(socket, &address, sizeof(LinkAddress)) != 0) throw new Win32Exception();
        var yes = 1;
        _ = SetOption(socket, PacketLevel, QdiscBypass, &yes, sizeof(int));
        return socket;
    }

    private struct Part // struct iovec
    {
        internal byte* Start;
        internal nint Length;
    }

    [StructLayout(LayoutKind.Explicit, Size = 64)]
    private struct Message // struct mmsghdr
    {
        [FieldOffset(16)] internal Part* Parts;
        [FieldOffset(24)] internal nint PartCount;
    }

    [StructLayout(LayoutKind.Sequential, Size = 20)]
    private struct LinkAddress // struct sockaddr_ll
    {
        internal ushort Family;
        private readonly ushort _protocol;
        internal int Interface;
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int NewSocket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(int socket, LinkAddress* address, int length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetOption(int socket, int level, int option, void* value, int length);

    [LibraryImport("libc", EntryPoint = "if_nametoindex", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial uint IndexOf(string device);

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    private static partial int SendMany(int socket, Message* messages, uint count, int flags);
}
