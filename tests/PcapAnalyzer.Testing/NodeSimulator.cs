using System.Net;
using System.Net.Sockets;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Testing;

/// <summary>Two nodes on real sockets that play a <see cref="Playbook"/>, even when it breaks the protocol.</summary>
/// <remarks>Each step waits until the other side has received the previous one, so the wire shows the order of the play.</remarks>
public static class NodeSimulator
{
    /// <summary>The kernel chooses the initiator's port. The addresses and the acceptor's port come from the play.</summary>
    /// <param name="plays">Played at once, each from its own start time.</param>
    /// <param name="cancellation">Cancels all plays.</param>
    /// <param name="newSocket">Creates a TCP socket for an address; null when all addresses belong to this machine.</param>
    public static async Task PlayAsync(IReadOnlyList<Playbook> plays, CancellationToken cancellation,
        Func<IPAddress, Socket>? newSocket = null)
    {
        var connections = plays.Select(play => new Connection(play,
            newSocket ?? (_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)))).ToList();
        try
        {
            var start = plays.Min(play => play.Packets[0].Time);
            var clock = System.Diagnostics.Stopwatch.StartNew();
            foreach (var (connection, packet) in connections.SelectMany(one => one.Play.Packets.Select(packet => (one, packet)))
                .OrderBy(step => step.packet.Time))
            {
                var wait = TimeSpan.FromTicks((packet.Time - start) / 100) - clock.Elapsed;
                if (wait > TimeSpan.Zero) await Task.Delay(wait, cancellation).ConfigureAwait(false);
                await connection.DoAsync(packet, cancellation).ConfigureAwait(false);
            }
        }
        finally
        {
            foreach (var connection in connections) connection.Dispose();
        }
    }

    private sealed class Connection(Playbook play, Func<IPAddress, Socket> newSocket) : IDisposable
    {
        private Socket? _listener;
        private Socket? _initiator;
        private Socket? _acceptor;

        internal Playbook Play => play;

        private bool IsRefused => play.Packets.Count == 2 && (play.Packets[1].Flags & TcpFlags.Rst) != 0;

        internal async Task DoAsync(TracePacket packet, CancellationToken cancellation)
        {
            var fromInitiator = packet.Source == play.Packets[0].Source;
            if ((packet.Flags & TcpFlags.Syn) != 0)
            {
                if (fromInitiator) await ConnectAsync(packet, cancellation).ConfigureAwait(false);
                return;
            }
            var (from, to) = fromInitiator ? (_initiator, _acceptor) : (_acceptor, _initiator);
            if (from == null) return;
            if ((packet.Flags & TcpFlags.Rst) != 0)
            {
                from.LingerState = new LingerOption(true, 0);
                from.Close();
                return;
            }
            if (packet.Payload.Length > 0)
            {
                await from.SendAsync(packet.Payload, SocketFlags.None, cancellation).ConfigureAwait(false);
                var received = new byte[packet.Payload.Length];
                for (var at = 0; at < received.Length;)
                    at += await to!.ReceiveAsync(received.AsMemory(at), SocketFlags.None, cancellation)
                        .ConfigureAwait(false) is > 0 and var count ? count : throw new EndOfStreamException();
            }
            if ((packet.Flags & TcpFlags.Fin) == 0) return;
            from.Shutdown(SocketShutdown.Send);
            await to!.ReceiveAsync(new byte[1], SocketFlags.None, cancellation).ConfigureAwait(false);
        }

        private async Task ConnectAsync(TracePacket syn, CancellationToken cancellation)
        {
            var target = new IPEndPoint(syn.Destination.Address.MapToIPv4(), syn.Destination.Port);
            if (!IsRefused)
            {
                _listener = newSocket(target.Address);
                _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                _listener.Bind(target);
                _listener.Listen();
            }
            var source = new IPEndPoint(syn.Source.Address.MapToIPv4(), 0);
            _initiator = newSocket(source.Address);
            _initiator.NoDelay = true;
            _initiator.Bind(source);
            try
            {
                await _initiator.ConnectAsync(target, cancellation).ConfigureAwait(false);
            }
            catch (SocketException) when (IsRefused)
            {
                return;
            }
            _acceptor = await _listener!.AcceptAsync(cancellation).ConfigureAwait(false);
            _acceptor.NoDelay = true;
            _listener.Dispose();
        }

        public void Dispose()
        {
            _listener?.Dispose();
            _initiator?.Dispose();
            _acceptor?.Dispose();
        }
    }
}
