using PcapAnalyzer.Capture;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>Reads every stream of a capture file to its end, as <see cref="Analyzer"/> reads those of handshakes.</summary>
internal sealed class Ours
{
    private readonly Dictionary<FlowKey, Recorder> _recorders = [];
    private readonly ConnectionTable _table;
    private readonly HeldBudget _budget = new(long.MaxValue);

    private Ours() => _table = new ConnectionTable(new ConnectionLimits(), (ref _, conversation) => conversation?.Reassembly?.Finish());

    /// <returns>By flow: what the lower endpoint sent, then the other.</returns>
    internal static Func<FlowKey, bool, (Stream Stream, uint Start)> Read(string path)
    {
        var ours = new Ours();
        var parser = new FrameParser();
        using (var source = new CaptureFileSource(path, null))
        {
            source.Read((in frame) =>
            {
                Assert.Equal(FrameKind.Tcp, parser.Parse(frame, out var segment, out _));
                ours.Accept(frame, segment);
            }, CancellationToken.None);
        }
        ours._table.EndAll();
        Assert.Equal(0, ours._budget.Used);
        return (key, low) => ours._recorders.TryGetValue(key, out var recorder) ? (recorder.Of(low), recorder.StartOf(low))
            : (new Stream(), 0);
    }

    private void Accept(in Frame frame, in TcpSegment segment)
    {
        var place = _table.Find(segment.Flow);
        if (place >= 0) Assert.False(_table[place].IsReusedBy(segment));
        else place = _table.Add(segment.Flow, frame.Time);
        var conversation = _table.WatchedAt(place) ?? _table.Watch(place);
        if (segment.Length > 0 && conversation.Reassembly == null)
        {
            var recorder = _recorders[segment.Flow] = new Recorder(conversation);
            conversation.Reassembly = new Reassembly(conversation, recorder, Analysis.Options.Connections, _budget);
        }
        _table[place].Follow(frame, segment, conversation);
    }

    private sealed class Recorder(WatchedConnection conversation) : IStreamReader
    {
        private readonly Stream[] _streams = [new(), new()];
        private readonly uint[] _starts = new uint[2];

        public bool IsFollowing => false;

        internal Stream Of(bool low) => _streams[low ? 0 : 1];

        /// <summary>The sequence number of the first thing that was told of the direction.</summary>
        internal uint StartOf(bool low) => _starts[low ? 0 : 1];

        public void OnBytes(DirectionReassembler stream)
        {
            Begin(stream, stream.Buffer.Position);
            Of(stream.FromLow).Add(stream.Buffer.Unread);
            stream.Buffer.Advance(stream.Buffer.Unread.Length);
        }

        public void OnGap(DirectionReassembler stream, long length)
        {
            Begin(stream, stream.ReceivedTo);
            Of(stream.FromLow).AddMissing(length);
        }

        public void OnEnd()
        {
        }

        private void Begin(DirectionReassembler stream, long offset)
        {
            if (Of(stream.FromLow) is { End: 0 })
                _starts[stream.FromLow ? 0 : 1] = unchecked(conversation.Direction(stream.FromLow).Origin + (uint)offset);
        }
    }
}
