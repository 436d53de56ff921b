using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols.Epmd;

namespace PcapAnalyzer.Pipeline.Readers;

/// <summary>Reads one connection with EPMD: a request and its answer.</summary>
internal sealed class EpmdReader(WatchedConnection connection, bool clientIsLow, ReaderHost host) : IStreamReader
{
    private EpmdExchange? _exchange;
    private bool _isOver;
    private bool _hasGap;

    public bool IsFollowing => false;

    public void OnBytes(DirectionReassembler stream)
    {
        if (!_isOver) Read(isAll: false, mostHeld: stream.Buffer.Room == 0);
    }

    public void OnGap(DirectionReassembler stream, long length)
    {
        _hasGap = true;
        Read(isAll: true, mostHeld: false);
        Over();
    }

    public void OnEnd()
    {
        if (connection.Reassembly is { } reassembly)
        {
            reassembly.Finish();
            if (!_isOver) Read(isAll: true, mostHeld: false);
            connection.EndReassembly();
        }
        Over();
    }

    private void Read(bool isAll, bool mostHeld)
    {
        if (connection.Reassembly is not { } reassembly || _isOver) return;
        var request = reassembly.Of(clientIsLow).Buffer;
        if (_exchange == null)
        {
            if (!EpmdMessage.TryReadRequest(request.Unread, out var read))
            {
                if (isAll || !EpmdMessage.MayBeRequest(request.Unread)) Detach();
                return;
            }
            var (frames, time) = request.Brought(request.Position, request.Position + 1, 1);
            _exchange = new EpmdExchange
            {
                Client = connection.EndpointOf(clientIsLow),
                Server = connection.EndpointOf(!clientIsLow),
                Request = read.Kind,
                Time = time,
                Frame = frames.Length > 0 ? frames[0] : 0,
                Name = read.Name,
                Port = read.Port,
                Versions = read.Versions,
            };
        }
        if (EpmdMessage.TryReadAnswer(_exchange.Request, reassembly.Of(!clientIsLow).Buffer.Unread, isAll || mostHeld, out var answer))
        {
            _exchange = _exchange with
            {
                IsSuccess = answer.IsSuccess ?? _exchange.IsSuccess,
                Port = answer.Port ?? _exchange.Port,
                Versions = answer.Versions ?? _exchange.Versions,
                Names = answer.Names ?? _exchange.Names,
            };
            Over();
        }
        else if (mostHeld) Detach();
    }

    private void Over()
    {
        if (_isOver) return;
        if (_exchange is { } exchange)
        {
            var isSilent = exchange.IsSuccess == null && !_hasGap && connection.Direction(!clientIsLow).SeenTo == 0;
            exchange = exchange with { Number = host.NextEpmdExchange(), IsUnanswered = isSilent, LastTime = connection.LastTime };
            host.Tell(exchange);
            host.Lookups.Add(exchange);
        }
        Detach();
    }

    private void Detach()
    {
        _isOver = true;
        connection.Reassembly?.Detach();
    }
}
