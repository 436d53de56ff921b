using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Reports;

/// <summary>Why a report holds no handshake: the truest reason that the counts show, and what to do about it.</summary>
public static class EmptyReason
{
    private const int MostNames = 5;

    public static string Of(Statistics numbers) => numbers switch
    {
        { Packets: 0 } => "The capture holds no packet: was the interface right, and the filter?",
        { TcpSegments: 0 } => WithoutTcp(numbers),
        { TlsSessions: > 0 } =>
            $"{numbers.TlsSessions} of {Count(numbers.Conversations, "conversation")} {(numbers.TlsSessions == 1 ? "begins" : "begin")} "
                + "with TLS, which hides a handshake.",
        { Conversations: > 0 } when numbers.ConversationsFromSyn == numbers.Conversations =>
            "Every conversation was captured from its SYN on, and in none did a node speak: was the port right, and the filter?"
            + Ports(numbers),
        _ => "A handshake is the first thing on a connection: capture from before the nodes connect, or restart one." + Ports(numbers),
    };

    /// <summary>What the counts say where no segment was read: none was there only if nothing could have hidden it.</summary>
    internal static string NoSegment(Statistics numbers) => numbers.UndecodedPackets == 0 ? "no TCP segment" : "none read as TCP";

    /// <summary>Packets that could not be decoded, by reason; the unsupported ones by name.</summary>
    internal static string Undecoded(Statistics numbers)
    {
        var names = numbers.Unopened.Count == 0 ? "" : $" ({Unopened(numbers)})";
        return string.Join(", ", numbers.Undecoded.Select(pair =>
            $"{pair.Value} {pair.Key.Kebab()}{(pair.Key == FrameKind.Unsupported ? names : "")}"));
    }

    private static string WithoutTcp(Statistics numbers)
    {
        var cut = numbers.Undecoded.FirstOrDefault(pair => pair.Key == FrameKind.Cut).Value;
        if (cut > 0 && cut >= numbers.UndecodedPackets - cut)
            return $"{cut} of {Count(numbers.Packets, "packet")} {(cut == 1 ? "is" : "are")} cut within the headers: "
                + "capture whole packets (tcpdump -s 0).";
        if (numbers.Unopened.Count > 0)
            return $"{Count(numbers.Unopened.Sum(pair => pair.Value), "packet")} of {numbers.Packets} may hold TCP that is not read here: "
                + $"{Unopened(numbers)}. Capture on the node itself.";
        return numbers.UndecodedPackets > 0 ? "No packet could be read as TCP: was the interface right, and the filter?"
            : "The capture holds no TCP segment: was the interface right, and the filter?";
    }

    private static string Unopened(Statistics numbers)
    {
        var names = numbers.Unopened.Take(MostNames).Select(pair => $"{pair.Value} {pair.Key}");
        var rest = numbers.Unopened.Skip(MostNames).Sum(pair => pair.Value);
        return string.Join(", ", rest == 0 ? names : names.Append($"{rest} of other kinds"));
    }

    private static string Ports(Statistics numbers) => string.Concat(
        from port in numbers.OtherPorts
        from protocol in HandshakeProtocols.All
        where protocol.OtherPorts.ContainsKey(port)
        select $" Port {port} is {protocol.OtherPorts[port]}: nodes do not speak to each other there.");

    private static string Count(long number, string what) => $"{number} {what}{(number == 1 ? "" : "s")}";
}
