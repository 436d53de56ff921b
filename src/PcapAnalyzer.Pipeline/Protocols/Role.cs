namespace PcapAnalyzer.Pipeline.Protocols;

/// <summary>The side of a connection. Both sides are nodes; the initiator dialled.</summary>
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
