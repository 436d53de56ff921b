using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using PcapAnalyzer.Pipeline.Protocols.Ractor.Wire;

namespace PcapAnalyzer.Testing;

/// <summary>Builds messages that nodes send behind the handshake, as wire bytes.</summary>
public static class TrafficBytes
{
    public static byte[] Tick => [0, 0, 0, 0];

    /// <summary>REG_SEND with the atoms in a distribution header, all of them new in the atom cache.</summary>
    public static byte[] RegSend(string fromNode, string toName, params byte[] message) =>
        WithHeader([fromNode, "", toName], [104, 4, 97, 6, .. Pid(0), 82, 1, 82, 2, .. message]);

    /// <summary>The same with atoms that an earlier message put into the cache.</summary>
    public static byte[] RegSendCached(params byte[] message) =>
        Frame([131, 68, 3, 0, 0, 0, 1, 2, 104, 4, 97, 6, .. Pid(0), 82, 1, 82, 2, .. message]);

    public static byte[] LostConnection(string node, string other) =>
        WithHeader([node, "", "global_name_server", "lost_connection", other],
            [104, 4, 97, 6, .. Pid(0), 82, 1, 82, 2, 104, 5, 82, 3, 82, 0, 97, 1, 97, 2, 82, 4]);

    public static byte[] RemoveConnection(string node) =>
        WithHeader([node, "", "global_name_server", "remove_connection"], [104, 4, 97, 6, .. Pid(0), 82, 1, 82, 2, 104, 2, 82, 3, 82, 0]);

    /// <summary>
    /// A process monitored by the peer ended because its application stopped: PAYLOAD_MONITOR_P_EXIT with reason shutdown.
    /// </summary>
    public static byte[] DownByShutdown(string node) =>
        WithHeader([node, "shutdown"], [104, 4, 97, 28, .. Pid(0), .. Pid(0), 97, 1, 82, 1]);

    /// <summary>What a C node sends: no distribution header, atoms spelled out.</summary>
    public static byte[] PassThrough(string node, string toName) =>
        Frame([112, 131, 104, 4, 97, 6, 88, .. Atom(node), .. new byte[12], .. Atom(""), .. Atom(toName), 131, 106]);

    /// <summary>One fragment: the first has a header, the others count down to 1.</summary>
    public static byte[] Fragment(long left, bool isFirst, int length) => isFirst
        ? Frame([131, 69, .. U64(77), .. U64(left), 0, 104, 2, 97, 2, 97, 0, .. new byte[length]])
        : Frame([131, 70, .. U64(77), .. U64(left), .. new byte[length]]);

    /// <summary>A body with a u32 length prefix.</summary>
    public static byte[] Frame(byte[] body)
    {
        var frame = new byte[4 + body.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame, (uint)body.Length);
        body.CopyTo(frame, 4);
        return frame;
    }

    /// <param name="age">Milliseconds since the sender's session began.</param>
    public static byte[] Ping(long age) => Control(new ControlMessage { Ping = new Ping { Timestamp = Age(age) } });

    public static byte[] Pong(long age) => Control(new ControlMessage { Pong = new Pong { Timestamp = Age(age) } });

    public static byte[] Terminate(params ulong[] pids)
    {
        var terminate = new Terminate();
        terminate.Ids.Add(pids);
        return Control(new ControlMessage { Terminate = terminate });
    }

    /// <summary>A node in transitive mode asks its peer for the nodes that it knows.</summary>
    public static byte[] AskForNodes(string node) =>
        Control(new ControlMessage { EnumerateNodeSessions = new NameMessage { Name = node } });

    public static byte[] Call(ulong to, ulong tag, ulong milliseconds, string variant = "Ask") =>
        Node(new NodeMessage { Call = new Call { To = to, Tag = tag, TimeoutMs = milliseconds, Variant = variant } });

    public static byte[] CallReply(ulong to, ulong tag) => Node(new NodeMessage { Reply = new CallReply { To = to, Tag = tag } });

    public static byte[] Cast(int length) =>
        Node(new NodeMessage { Cast = new Cast { To = 1, What = ByteString.CopyFrom(new byte[length]), Variant = "Hey" } });

    private static byte[] Control(ControlMessage message) => RactorBytes.Frame(new NetworkMessage { Control = message }.ToByteArray());

    private static byte[] Node(NodeMessage message) => RactorBytes.Frame(new NetworkMessage { Node = message }.ToByteArray());

    private static Timestamp Age(long milliseconds) =>
        new() { Seconds = milliseconds / 1000, Nanos = (int)(milliseconds % 1000) * 1_000_000 };

    private static byte[] WithHeader(string[] atoms, byte[] terms)
    {
        var flags = new byte[atoms.Length / 2 + 1];
        for (var i = 0; i < atoms.Length; i++) flags[i / 2] |= (byte)(8 << 4 * (i & 1));
        var references = atoms.SelectMany((atom, index) => (byte[])[(byte)index, (byte)Encoding.UTF8.GetByteCount(atom),
            .. Encoding.UTF8.GetBytes(atom)]);
        return Frame([131, 68, (byte)atoms.Length, .. flags, .. references, .. terms]);
    }

    private static byte[] Pid(byte atom) => [88, 82, atom, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7];

    private static byte[] Atom(string name) => [119, (byte)name.Length, .. Encoding.UTF8.GetBytes(name)];

    private static byte[] U64(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes;
    }
}
