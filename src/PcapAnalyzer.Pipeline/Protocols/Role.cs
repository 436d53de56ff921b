namespace PcapAnalyzer.Pipeline.Protocols;

/// <summary>Both sides are nodes; who dialled is the initiator.</summary>
public enum Role
{
    Initiator,
    Acceptor,
}

public static class Roles
{
    public static Role Other(this Role role) => role == Role.Initiator ? Role.Acceptor : Role.Initiator;

    public static string Word(this Role role) => role == Role.Initiator ? "initiator" : "acceptor";
}
