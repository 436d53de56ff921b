namespace PcapAnalyzer.Pipeline.Protocols;

/// <summary>How far a handshake has come.</summary>
public enum HandshakeState
{
    Connected,
    NameSent,
    StatusSent,
    AliveSent,
    AliveAnswered,
    Challenged,
    Complemented,
    Replied,
    Acknowledged,
    Refused,
}
