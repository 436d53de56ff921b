using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Capture;

/// <summary>One interface of a pcapng section: its link type, the resolution of its clock, and its drop counters.</summary>
internal sealed class PcapngInterface(LinkLayer link, uint snapLength)
{
    private const ulong Second = 1_000_000_000;

    /// <summary>Longest name kept, in bytes: a hostile file may have thousands of interfaces with names as long as a block.</summary>
    private const int LongestName = 1024;

    /// <summary>Clock ticks per second. <see cref="_tick"/> is the nanoseconds per tick, or 0 if that is not a whole number.</summary>
    private UInt128 _ticks = 1_000_000;
    private ulong _tick = 1000;
    private long _offset;
    private string? _name;

    internal LinkLayer Link => link;

    /// <summary>Most bytes captured of a packet; 0 for no limit.</summary>
    internal uint SnapLength => snapLength;

    /// <summary>Interfaces may be described that nothing was captured on.</summary>
    internal bool HasPackets { get; set; }

    internal long DroppedByInterface { get; set; }

    internal long DroppedBySystem { get; set; }

    /// <summary>Sum of the drop counts that packets carry (epb_dropcount).</summary>
    internal long DroppedAtPackets { get; set; }

    /// <summary>Applies an option of the Interface Description Block.</summary>
    internal void Take(in PcapngOptions option)
    {
        if (option.Code == PcapngOptions.InterfaceName && option.Value.Length <= LongestName) _name = option.Text;
        if (option.Code == PcapngOptions.TimeOffset) _offset = option.Number;
        if (option.Code != PcapngOptions.TimeResolution || option.Value.Length != 1) return;
        var value = option.Value[0];
        // if_tsresol: the top bit selects powers of 2 or of 10. A resolution that no clock has leaves every time at the offset.
        var power = value & 0x7F;
        _ticks = (value & 0x80) != 0 ? UInt128.One << power : power <= 38 ? UInt128.Parse("1" + new string('0', power), null)
            : UInt128.MaxValue;
        _tick = _ticks <= Second && Second % _ticks == 0 ? Second / (ulong)_ticks : 0;
    }

    /// <summary>Nanoseconds since 1970, clamped to the range of <see cref="long"/>.</summary>
    internal long TimeOf(ulong ticks)
    {
        if (_offset == 0 && _tick > 0 && ticks <= long.MaxValue / _tick) return (long)(ticks * _tick);
        var (seconds, rest) = UInt128.DivRem(ticks, _ticks);
        var fraction = rest * Second / _ticks; // the rest is less than 2^64, so this fits
        return (long)Int128.Clamp(((Int128)seconds + _offset) * (long)Second + (Int128)fraction, long.MinValue, long.MaxValue);
    }

    internal SourceInterface Report() =>
        new(_name, LinkLayers.NameOf(link), Math.Max(DroppedByInterface + DroppedBySystem, DroppedAtPackets));
}
