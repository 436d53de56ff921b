namespace PcapAnalyzer.Pipeline.Protocols.Erlang;

/// <summary>A control message.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Sender">The element with the process that sent it; 0 where there is none.</param>
/// <param name="Destination">The element with a registered name.</param>
/// <param name="Reason">The element with the reason of an exit.</param>
/// <param name="HasPayload">A term follows the control message.</param>
/// <param name="IsExit">That term is the reason of an exit.</param>
internal sealed record ErlangOperation(string Name, int Sender = 0, int Destination = 0, int Reason = 0, bool HasPayload = false,
    bool IsExit = false);

/// <summary>The control messages by their numbers: Erlang/OTP, "Distribution Protocol".</summary>
internal static class ErlangOperations
{
    private static readonly ErlangOperation?[] All = Table();

    internal static ErlangOperation? Of(int number) => number >= 0 && number < All.Length ? All[number] : null;

    private static ErlangOperation?[] Table()
    {
        var all = new ErlangOperation?[37];
        all[1] = new("LINK", Sender: 1);
        all[2] = new("SEND", HasPayload: true);
        all[3] = new("EXIT", Sender: 1, Reason: 3);
        all[4] = new("UNLINK", Sender: 1);
        all[5] = new("NODE_LINK");
        all[6] = new("REG_SEND", Sender: 1, Destination: 3, HasPayload: true);
        all[7] = new("GROUP_LEADER", Sender: 1);
        all[8] = new("EXIT2", Sender: 1, Reason: 3);
        all[12] = new("SEND_TT", HasPayload: true);
        all[13] = new("EXIT_TT", Sender: 1, Reason: 4);
        all[16] = new("REG_SEND_TT", Sender: 1, Destination: 3, HasPayload: true);
        all[18] = new("EXIT2_TT", Sender: 1, Reason: 4);
        all[19] = new("MONITOR_P", Sender: 1);
        all[20] = new("DEMONITOR_P", Sender: 1);
        all[21] = new("MONITOR_P_EXIT", Reason: 4);
        all[22] = new("SEND_SENDER", Sender: 1, HasPayload: true);
        all[23] = new("SEND_SENDER_TT", Sender: 1, HasPayload: true);
        all[24] = new("PAYLOAD_EXIT", Sender: 1, HasPayload: true, IsExit: true);
        all[25] = new("PAYLOAD_EXIT_TT", Sender: 1, HasPayload: true, IsExit: true);
        all[26] = new("PAYLOAD_EXIT2", Sender: 1, HasPayload: true);
        all[27] = new("PAYLOAD_EXIT2_TT", Sender: 1, HasPayload: true);
        all[28] = new("PAYLOAD_MONITOR_P_EXIT", HasPayload: true, IsExit: true);
        all[29] = new("SPAWN_REQUEST", Sender: 2, HasPayload: true);
        all[30] = new("SPAWN_REQUEST_TT", Sender: 2, HasPayload: true);
        all[31] = new("SPAWN_REPLY");
        all[32] = new("SPAWN_REPLY_TT");
        all[33] = new("ALIAS_SEND", Sender: 1, HasPayload: true);
        all[34] = new("ALIAS_SEND_TT", Sender: 1, HasPayload: true);
        all[35] = new("UNLINK_ID", Sender: 2);
        all[36] = new("UNLINK_ID_ACK", Sender: 2);
        return all;
    }
}
