using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Reports;
using E = PcapAnalyzer.Testing.ErlangBytes;
using R = PcapAnalyzer.Testing.RactorBytes;

namespace PcapAnalyzer.Testing;

/// <summary>A row of the failure tables: the conversation on the wire, and the expected verdict.</summary>
/// <param name="Row">E1 to E17, R1 to R11.</param>
/// <param name="Verdict"><c>outcome code</c>, or only the code for a finding.</param>
/// <param name="Plays">Its conversations, between two addresses that no other row uses.</param>
public sealed record FailureRow(string Row, string Verdict, Playbook[] Plays)
{
    public static readonly IReadOnlyDictionary<string, string> Cookies = new Dictionary<string, string>
    {
        ["prod"] = "right",
        ["old"] = "wrong"
    };


    public string Code => Verdict.Split(' ')[^1];

    /// <summary>The acceptor's address, which no other row uses.</summary>
    public string AcceptorHost => $"127.0.1.{Number}";

    /// <summary>Everything that a report concludes about this row's addresses.</summary>
    public List<string> VerdictsIn(CaptureReport report) =>
    [
        .. from handshake in report.Handshakes
           where IsMine(handshake.Initiator.Endpoint) || IsMine(handshake.Acceptor.Endpoint)
           select $"{handshake.Outcome.Kebab()} {handshake.Diagnosis.Code.Kebab()}",
        .. from finding in report.Findings where IsMine((finding.To ?? finding.Epmd)!.Value) select finding.Code.Kebab(),
    ];

    private bool IsMine(Endpoint endpoint) => endpoint.Address.ToString() == AcceptorHost;

    private int Number => Row[0] == 'E' ? int.Parse(Row[1..], System.Globalization.CultureInfo.InvariantCulture)
        : 100 + int.Parse(Row[1..], System.Globalization.CultureInfo.InvariantCulture);

    public static IReadOnlyList<FailureRow> All { get; } =
    [
        Of("E1", "authentication-failed cookie-mismatch", it => [it.ErlangToReply("wrong").AcceptorCloses()]),
        Of("E2", "authentication-failed cookie-mismatch", it => [it.ErlangToReply("right").Acceptor(E.Ack(7, "wrong")).InitiatorCloses()]),
        Of("E3", "rejected mandatory-flags-missing",
            it => [it.Connect().Initiator(E.Name(it.B, 1 << 24)).Acceptor(E.Status("not_allowed")).AcceptorCloses()]),
        Of("E4", "rejected not-allowed", it => [it.Connect().Initiator(E.Name(it.B)).Acceptor(E.Status("not_allowed")).AcceptorCloses()]),
        Of("E5", "closed mandatory-flags-missing",
            it => [it.Connect().Initiator(E.Name(it.B)).Acceptor(E.Status(), E.Challenge(it.A, 42, 1 << 24)).InitiatorCloses()]),
        Of("E6", "closed name-mismatch",
            it => [it.Connect().Initiator(E.Name(it.B)).Acceptor(E.Status(), E.Challenge("a@other", 42)).InitiatorCloses()]),
        Of("E7", "closed version-unsupported", it => [it.Connect().Initiator(E.Name5(it.B)).AcceptorCloses()]),
        Of("E8", "closed name-malformed", it => [it.Connect().Initiator(E.Name("alice")).AcceptorCloses()]),
        Of("E9", "rejected simultaneous-connect",
            it => [it.Connect().Initiator(E.Name(it.A)).Acceptor(E.Status("nok")).AcceptorCloses(), it.Reverse().Erlang(it.B, it.A)]),
        Of("E10", "closed simultaneous-connect", it =>
            [it.Connect().Initiator(E.Name(it.A)).Wait(20).InitiatorCloses(), it.Reverse(1).Connect().Initiator(E.Name(it.B)).Acceptor(
                E.Status("ok_simultaneous"), E.Challenge(it.A, 42)).Initiator(E.Reply(7, 42, "right")).Acceptor(E.Ack(7, "right"))]),
        Of("E11", "established name-in-use", it =>
        [
            it.ErlangEstablished().Wait(100).AcceptorCloses(),
            it.Again(50).Connect().Initiator(E.Name(it.B)).Acceptor(E.Status("alive")).Initiator(E.Status("true"))
                .Acceptor(E.Challenge(it.A, 43)).Initiator(E.Reply(8, 43, "right")).Acceptor(E.Ack(8, "right")),
        ]),
        Of("E12", "closed duplicate-connection", it => [it.Connect().Initiator(E.Name(it.B)).Acceptor(E.Status()).Wait(100)
            .AcceptorCloses(), it.Again(20).Connect().Initiator(E.Name(it.B)).AcceptorCloses()]),
        Of("E13", "closed peer-silent", it => [it.Connect().Initiator(E.Name(it.B)).Wait(7010).InitiatorCloses()]),
        Of("E14", "closed plain-to-tls", it => [it.Connect().Initiator(E.Name(it.B)).Acceptor(E.TlsAlert).AcceptorCloses()]),
        Of("E15", "closed tls-to-plain",
            it => [it.ErlangEstablished(), it.Again(50).Connect().Initiator(E.TlsHello).Wait(7010).AcceptorCloses()]),
        Of("E16", "closed unknown-status", it => [it.Connect().Initiator(E.Name(it.B)).Acceptor(E.Status("maybe")).InitiatorCloses()]),
        Of("E17", "name-not-registered", it => [it.Connect().Initiator(E.Lookup("hare")).Acceptor(E.NotFound).AcceptorCloses()]),
        Of("R1", "authentication-failed cookie-mismatch", it => [it.RactorToReply("wrong").AcceptorCloses()]),
        Of("R2", "authentication-failed cookie-mismatch", it => [it.RactorToReply("right").Acceptor(R.Ack(7, "wrong")).InitiatorCloses()]),
        Of("R3", "closed same-identity", it => [it.RactorToReply("right", it.B).AcceptorCloses()]),
        Of("R4", "rejected duplicate-connection", it => [it.Connect().Initiator(R.Name(it.B)).Acceptor(R.Status(2)).AcceptorCloses()]),
        Of("R5", "closed peer-overloaded", it => [it.Connect().Initiator(R.Name(it.B)).Wait(900).AcceptorCloses()]),
        Of("R6", "closed alive-stall",
            it => [it.Connect().Initiator(R.Name(it.B)).Acceptor(R.Status(4)).Initiator(R.ClientStatus(true)).Wait(100).AcceptorCloses()]),
        Of("R7", "closed peer-silent", it => [it.Connect().Initiator(R.Name(it.B)).Acceptor(R.Status()).Wait(5010).InitiatorCloses()]),
        Of("R8", "protocol-violation frame-too-large", it => [it.Connect().Initiator(R.Name(it.B))
            .Acceptor(R.Status(), R.Challenge(it.A, 42)).Initiator([0, 0, 0, 0, 2, 0, 0, 0, 1]).AcceptorCloses()]),
        Of("R9", "closed tls-to-plain",
            it => [it.RactorToReply("right").Acceptor(R.Ack(7, "right")), it.Again(50).Connect().Initiator(E.TlsHello).AcceptorCloses()]),
        Of("R10", "closed version-unsupported", it => [it.Connect().Initiator(R.As32Bit(R.Name(it.B))).AcceptorCloses()]),
        Of("R11", "unreachable", it => [it.Connect().Initiator(R.Name(it.B)).Acceptor(R.Status(), R.Challenge(it.A, 42, $"{it.Host}:9555"))
            .InitiatorCloses(), it.To(9555, 50).Syn().Refuse()]),
    ];

    private static FailureRow Of(string row, string verdict, Func<Stage, Playbook[]> plays)
    {
        var empty = new FailureRow(row, verdict, []);
        return empty with { Plays = plays(new Stage(empty.Number)) };
    }

    /// <summary>Two addresses, and the openings that rows share.</summary>
    private sealed record Stage(int Number)
    {
        private const ushort Port = 9102;

        internal string A => $"a{Number}@h";

        internal string B => $"b{Number}@h";

        internal string Host => $"127.0.1.{Number}";

        private string Other => $"127.0.2.{Number}";

        internal Playbook To(ushort port, long start = 0, ushort from = 50000) => new($"{Other}:{from}", $"{Host}:{port}", start);

        internal Playbook Again(long start) => To(Port, start, 50001);

        internal Playbook Reverse(long start = 0) => new($"{Host}:50002", $"{Other}:{Port}", start);

        internal Playbook Connect() => To(Port).Connect();

        internal Playbook ErlangToReply(string cookie) => Connect().Initiator(E.Name(B)).Acceptor(E.Status(), E.Challenge(A, 42))
            .Initiator(E.Reply(7, 42, cookie));

        internal Playbook ErlangEstablished() => To(Port).Erlang(B, A);

        internal Playbook RactorToReply(string cookie, string? to = null) =>
            Connect().Initiator(R.Name(B)).Acceptor(R.Status(), R.Challenge(to ?? A, 42)).Initiator(R.Reply(7, 42, cookie));
    }
}
