namespace PcapAnalyzer.Testing;

/// <summary>A difficult behaviour of captures, links, networks or attackers.</summary>
/// <param name="Area">Where it happens.</param>
/// <param name="Phenomenon">What happens.</param>
/// <param name="Answer">How the analyzer handles it.</param>
public sealed record HardCase(string Area, string Phenomenon, string Answer);

/// <summary>What a trustworthy analyzer must survive. Tests show each case and name it in a <see cref="HardCaseAttribute"/>.</summary>
public static class HardCases
{
    private const string File = "Capture files";
    private const string Pcapng = "pcapng";
    private const string Link = "Links";
    private const string Copies = "Copies";
    private const string Ip = "IP";
    private const string Tcp = "TCP";
    private const string Live = "Capturing";
    private const string General = "PacketDotNet";
    private const string Screen = "Screen";

    public static IReadOnlyList<HardCase> All { get; } =
    [
        new(File, "every magic number, either byte order", "Microseconds, nanoseconds and the modified format are read."),
        new(File, "frame check sequence bits in the link type", "The low 28 bits are the link type."),
        new(File, "record longer than the snapshot length", "It is read whole."),
        new(File, "record longer than the packet on the wire", "The captured length counts."),
        new(File, "pcap before version 2.4, whose lengths are swapped", "The version tells which length comes first, as in libpcap."),
        new(File, "snapshot length of 0", "It is no limit."),
        new(File, "times beyond 2038, fractions beyond a second", "Seconds are unsigned, and what is too much is carried over."),
        new(File, "file cut in the middle of a record", "The packets before the cut are reported, and the cut is named."),
        new(File, "damage anywhere", "What stands before it is reported, and the damage is named."),
        new(File, "record of an absurd length", "It is damage, not an allocation."),
        new(File, "medium that fails while it is read", "What was read is reported, and the reason is named."),
        new(File, "file that shrinks while it is read", "It ends where it ends now; a cut is named."),
        new(File, "file that grows while it is read", "It ends where it ended when that was reached; a cut is named."),
        new(File, "file that is replaced while it is read", "A file of the same name is another file; other bytes in the same one are damage, where they are no records."),
        new(File, "gzip and zstd", "They are read as they come; other compressions are named with the way to read them."),

        new(Pcapng, "byte order of its own in each section", "The magic of each section decides."),
        new(Pcapng, "section of an unknown version", "It is skipped up to the next section, and that is said."),
        new(Pcapng, "section length of -1 or 0", "Blocks are walked one by one; the length is not used."),
        new(Pcapng, "interface numbers that begin again with a section", "A packet belongs to an interface of its own section."),
        new(Pcapng, "block lengths that contradict themselves", "It is damage: the reading ends there."),
        new(Pcapng, "unknown, custom, name and secret blocks", "They are walked over, whatever their size."),
        new(Pcapng, "block or packet beyond every limit", "It is damage, not an allocation."),
        new(Pcapng, "interface described late", "Interfaces count from where they stand."),
        new(Pcapng, "clock of any resolution and offset", "Times are exact to the nanosecond and stop at the ends of what fits."),
        new(Pcapng, "comments, drop counts, interface names", "They are part of the report."),
        new(Pcapng, "options that mean nothing to us", "They are walked over."),
        new(Pcapng, "option list without an end, option beyond its block", "The list ends with its block."),
        new(Pcapng, "text that is not UTF-8", "What is no character is replaced; nothing fails."),
        new(Pcapng, "simple packet without a time", "It has the time of the packet before it."),
        new(Pcapng, "obsolete packet block", "It is read."),
        new(Pcapng, "several link types, snapshot lengths, byte orders in one file", "They are read; libpcap stops at them."),

        new(Link, "NULL in the byte order of any machine, every AF_INET6", "Both byte orders and the numbers of all systems are known."),
        new(Link, "LOOP", "Its family is in network order."),
        new(Link, "VLAN tags, stacked, and priority tags", "Any number of them is walked through."),
        new(Link, "802.3 with SNAP", "IP behind it is read, without the padding."),
        new(Link, "PPPoE", "The general lane finds IP behind it."),
        new(Link, "MPLS", "Labels are walked to the bottom of the stack."),
        new(Link, "raw IP under each of its numbers", "The version decides."),
        new(Link, "Linux cooked, both versions", "They are read."),
        new(Link, "tunnels: GRE, VXLAN, Geneve, IP in IP", "The packet inside counts, to a sane depth."),
        new(Link, "ERSPAN I to III", "The mirrored frame is read."),
        new(Link, "VXLAN-GPE, NSH, GTP-U, LISP, L2TP, PPTP, TZSP, EtherIP", "The packet inside counts; a port alone is no proof of a tunnel."),
        new(Link, "GRE and MPLS over each other and over UDP", "Each is opened wherever it stands, to a sane depth."),
        new(Link, "pseudowires", "Ethernet behind labels is found by its EtherType, with or without a control word."),
        new(Link, "tags: VN-tag, 802.1BR, 802.1ah, FabricPath, TrustSec, TRILL, HSR, clear MACsec", "They are stepped over."),
        new(Link, "authentication header in IPv4", "It hides nothing: the segment behind it has the datagram's addresses."),
        new(Link, "PPP with and without address, control and the first byte of its protocol; Cisco HDLC", "Every form is read."),
        new(Link, "LLC without SNAP, FDDI", "IP behind them is read."),
        new(Link, "802.11, radiotap, Prism, AVS, PPI", "Data in the clear is read, whatever the card put in front."),
        new(Link, "NFLOG, PFLOG, ENC, PKTAP", "What the kernel put in front is stepped over."),
        new(Link, "VLAN tags in Linux cooked captures", "They are walked through, in both versions."),
        new(Link, "links, tunnels and encryption that are not opened", "Their packets are counted by name; no report calls them free of TCP."),
        new(Link, "headers cut by a snapshot length", "They are counted as cut; no report calls them free of TCP."),
        new(Link, "the same packet inside and outside of a tunnel", "It is a copy: there is one connection and one handshake."),
        new(Link, "unknown link type", "Its packets are counted and named by its number, in every container; an interface without packets is no trouble."),

        new(Copies, "every packet twice or more: mirror ports, any devices", "Copies are counted as copies: no retransmission, no second attempt."),
        new(Copies, "copy of a retransmission", "One retransmission is counted."),
        new(Copies, "SYN captured twice", "It was sent once."),
        new(Copies, "answer captured before its question", "An answer is read after the bytes that it acknowledges."),
        new(Copies, "late copies of a connection that is over", "They begin nothing."),

        new(Ip, "fragments in any order", "IPv4 and IPv6 datagrams are put together; the frame that completes one brings it."),
        new(Ip, "SYN in fragments", "The connection has its SYN."),
        new(Ip, "fragments that overlap", "The same bytes are taken; with other bytes the datagram is refused and counted, or, where it was whole already, is another copy of it to TCP."),
        new(Ip, "atomic fragment", "It is a whole datagram."),
        new(Ip, "fragments that never become whole", "Count, bytes and time are bounded, and what is given up is counted."),
        new(Ip, "fragments in tunnels and VLANs, behind other headers", "They are put together by either parser."),
        new(Ip, "fragments of more than 64 KiB", "They are refused."),
        new(Ip, "chain of IPv6 extension headers", "Hop-by-hop, routing, destination, authentication and mobility headers are walked over."),
        new(Ip, "authentication header of length 0", "It is as short as it says."),
        new(Ip, "no total or payload length: segmentation offload", "The captured length counts, but only above what padding can reach."),
        new(Ip, "link padding", "What stands behind the datagram is cut."),
        new(Ip, "datagram longer than what was captured", "The length on the wire counts, the rest is missing."),
        new(Ip, "wrong checksums", "They are normal on the host that sends, and are not looked at."),

        new(Tcp, "sequence numbers that wrap, in every place", "Offsets have 64 bits; the wrap is known in one place."),
        new(Tcp, "segments out of order", "They wait, bounded, for what stands before them."),
        new(Tcp, "segments before their SYN", "The SYN says where they stand."),
        new(Tcp, "retransmission, exact and partial", "Bytes are read once."),
        new(Tcp, "overlap with other bytes", "The first copy wins, but for bytes that waited when another copy came in its turn, as in Linux; the conflict is kept."),
        new(Tcp, "proof sent twice with other bytes", "Its digest is not verifiable."),
        new(Tcp, "data in a SYN that is taken", "It is read once it is acknowledged."),
        new(Tcp, "data in a SYN that is ignored and sent again", "What was sent again counts, and there is no conflict."),
        new(Tcp, "data in a SYN-ACK", "It is read once it is acknowledged."),
        new(Tcp, "simultaneous open, split handshake", "The initiator is who sends the name, whoever sent which SYN."),
        new(Tcp, "capture that begins midstream", "Roles come from the content; the missing start is told."),
        new(Tcp, "one side only", "It is read; the other is known by what was acknowledged."),
        new(Tcp, "proof without the messages around it", "A digest is checked where its challenge was seen, and only there."),
        new(Tcp, "gap: acknowledged and not captured", "Its place and length are told; nothing is put in its place."),
        new(Tcp, "framing lost behind a gap", "It is taken up again at the next whole message."),
        new(Tcp, "keep-alive with a byte", "It is no data, whatever the byte."),
        new(Tcp, "keep-alive without a byte", "It is no data."),
        new(Tcp, "window probe", "Its byte is read once."),
        new(Tcp, "RST outside the window", "It is counted as a stray one and ends nothing."),
        new(Tcp, "segment forged by who does not know the numbers", "Data, ends and acknowledgements ahead of all that was seen count once the peer bears them out, and not where it spoke later and did not."),
        new(Tcp, "SYN forged into a connection that is up", "It begins another one when the peer acknowledges it, and is nothing until then."),
        new(Tcp, "RST that refuses a SYN", "It ends the attempt."),
        new(Tcp, "RST with data", "Its data is no part of the stream."),
        new(Tcp, "RST after FIN", "The first end of each side counts, but for an RST before a FIN: who sends a FIN had not reset."),
        new(Tcp, "FIN with data, FIN sent again", "The data is read; the first FIN that no data contradicts is the end of its side."),
        new(Tcp, "FIN captured before what it acknowledges", "It was sent behind it, whatever the order of the frames."),
        new(Tcp, "half close", "The other side is read on."),
        new(Tcp, "data after FIN", "A byte that stands behind a FIN was never accepted, and is not read."),
        new(Tcp, "data after RST", "It is read: a receiver may not have taken the RST."),
        new(Tcp, "port reuse with any ISN, a lower one too", "It is another connection, with or without an end of the first."),
        new(Tcp, "two networks with equal addresses and ports", "Their connections are told apart by sequence and acknowledgement numbers; eight at once."),
        new(Tcp, "urgent data", "It stays in its place in the stream."),
        new(Tcp, "options that are malformed, from the future or wrong: window scale, timestamps, ECN", "Options are walked over as a whole."),
        new(Tcp, "data offset below 5 or beyond the segment", "The segment is malformed."),
        new(Tcp, "segments of 64 KiB and more", "There is no MTU; a segment may hold many messages."),
        new(Tcp, "a byte a segment", "The report is the same."),
        new(Tcp, "segment cut by a snapshot length", "The rest is a gap of its size, which another copy may fill."),
        new(Tcp, "time that runs backwards", "The order is the file's; limits hold."),
        new(Tcp, "equal times", "The order is the file's."),
        new(Tcp, "holes that never fill", "Bytes, segments and time that wait are bounded."),
        new(Tcp, "floods of connections", "Counts and memory are bounded, and what is given up is counted."),
        new(Tcp, "streams against tshark", "A thousand conversations over a bad network are read as tshark reads them, or a named rule says why not."),
        new(Tcp, "bytes of any kind", "Nothing throws, and no byte is made up."),

        new(Live, "snapshot length", "The length on the wire is kept."),
        new(Live, "nanoseconds", "They are asked for and kept."),
        new(Live, "stop", "What was captured before it is delivered, and the wait for it is short."),
        new(Live, "packets dropped by the kernel", "They are counted and said."),
        new(Live, "interface that goes away", "It is named; the others go on."),
        new(Live, "missing rights", "The ways to them are named."),
        new(Live, "packets while it runs", "They arrive at once, from any device too."),
        new(Live, "handler that throws", "Its exception is the caller's; no other thread dies of it."),

        new(General, "frames that it throws at", "It is caught frame by frame."),
        new(General, "links, families and headers that it does not know or misreads", "Our own parser reads them; what PacketDotNet says instead is written down and held."),
        new(General, "first fragment taken for a whole segment", "Fragments are ours with either parser."),

        new(Screen, "text from packets", "What would move the cells around it is escaped."),
        new(Screen, "terminal of any size, and its changes", "It is laid out anew, or says that there is no room."),
        new(Screen, "no terminal", "It reports as text, with a hint."),
        new(Screen, "signal, suspension, a terminal that goes", "The terminal is given back as it was."),
        new(Screen, "who draws and who reads", "Frames flow on a thread of their own; nobody waits for the screen."),
        new(Screen, "keys that the library would take for itself", "A key does what its command says, and nothing else."),
    ];
}
