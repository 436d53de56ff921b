using System.Buffers.Binary;

namespace PcapAnalyzer.Pipeline.Protocols.Erlang;

/// <summary>Walks terms in Erlang's external term format, as far as the bytes go.</summary>
/// <remarks>Erlang/OTP, "External Term Format".</remarks>
/// <param name="bytes">One or more terms, perhaps cut.</param>
/// <param name="atoms">Resolves references to the atom cache.</param>
internal ref struct ExternalTerm(ReadOnlySpan<byte> bytes, in AtomReferences atoms)
{
    private const byte Version = 131;
    private const byte CacheReference = 82;
    private const byte NewPid = 88;
    private const byte SmallInteger = 97;
    private const byte Integer = 98;
    private const byte Pid = 103;
    private const byte SmallTuple = 104;
    private const byte LargeTuple = 105;
    private const byte Nil = 106;
    private const byte String = 107;
    private const byte List = 108;
    private const byte Binary = 109;
    private const byte Map = 116;

    /// <summary>Terms of one message that are walked over; what matters stands far in front.</summary>
    private const int MaxTerms = 10_000;

    private readonly AtomReferences _atoms = atoms;
    private ReadOnlySpan<byte> _rest = bytes;

    internal void SkipVersion()
    {
        if (!_rest.IsEmpty && _rest[0] == Version) _rest = _rest[1..];
    }

    /// <summary>Enters a tuple.</summary>
    /// <returns>Its number of elements, or -1 when the next term is no tuple.</returns>
    internal int EnterTuple()
    {
        if (_rest.Length < 2 || _rest[0] != SmallTuple) return -1;
        int arity = _rest[1];
        _rest = _rest[2..];
        return arity;
    }

    /// <returns>-1 when the next term is no small integer.</returns>
    internal int ReadInteger()
    {
        if (_rest.Length < 2 || _rest[0] != SmallInteger) return -1;
        int value = _rest[1];
        _rest = _rest[2..];
        return value;
    }

    /// <returns>Null when the next term is no atom, or one whose name is not known; then the term is skipped all the same.</returns>
    internal string? ReadAtom()
    {
        if (_rest.IsEmpty) return null;
        if (_rest[0] == CacheReference && _rest.Length >= 2)
        {
            var name = _atoms.Of(_rest[1]);
            _rest = _rest[2..];
            return name;
        }
        if (TryAtom(out var text, out var isUtf8)) return _atoms.Names.Of(text, isUtf8);
        Skip();
        return null;
    }

    /// <returns>The node of the process; null when the next term is no process identifier, or its node is not known.</returns>
    internal string? ReadNodeOfPid()
    {
        if (_rest.IsEmpty || _rest[0] is not (NewPid or Pid))
        {
            Skip();
            return null;
        }
        var length = _rest[0] == NewPid ? 12 : 9;
        _rest = _rest[1..];
        var node = ReadAtom();
        _rest = _rest.Length < length ? default : _rest[length..];
        return node;
    }

    /// <summary>Skips one term.</summary>
    /// <returns>False when it is cut, or of a kind that is not known.</returns>
    internal bool Skip()
    {
        var isWhole = TrySkip();
        if (!isWhole) _rest = default;
        return isWhole;
    }

    private bool TrySkip()
    {
        long terms = 1;
        for (var steps = 0; terms > 0; terms--)
        {
            if (_rest.IsEmpty || ++steps > MaxTerms || !TryMeasure(out var length, out var inner) || length > _rest.Length) return false;
            _rest = _rest[(int)length..];
            terms += inner;
        }
        return true;
    }

    /// <param name="length">Bytes of the term without the terms inside it.</param>
    /// <param name="inner">Terms inside it.</param>
    private readonly bool TryMeasure(out long length, out long inner)
    {
        (length, inner) = (0, 0);
        switch (_rest[0])
        {
            case SmallInteger or CacheReference:
                length = 2;
                return true;
            case Integer:
                length = 5;
                return true;
            case Nil:
                length = 1;
                return true;
            case 70: // float
                length = 9;
                return true;
            case 99: // float as text
                length = 32;
                return true;
            case SmallTuple when _rest.Length >= 2:
                (length, inner) = (2, _rest[1]);
                return true;
            case LargeTuple when TryU32(1, out var elements):
                (length, inner) = (5, elements);
                return true;
            case List when TryU32(1, out var elements):
                (length, inner) = (5, elements + 1L);
                return true;
            case Map when TryU32(1, out var pairs):
                (length, inner) = (5, 2L * pairs);
                return true;
            case Binary when TryU32(1, out var bytes):
                length = 5L + bytes;
                return true;
            case 77 when TryU32(1, out var bits): // bit string
                length = 6L + bits;
                return true;
            case String or 100 or 118 when _rest.Length >= 3: // string, atoms
                length = 3 + BinaryPrimitives.ReadUInt16BigEndian(_rest[1..]);
                return true;
            case 115 or 119 when _rest.Length >= 2: // small atoms
                length = 2 + _rest[1];
                return true;
            case 110 when _rest.Length >= 2: // small big number
                length = 3 + _rest[1];
                return true;
            case 111 when TryU32(1, out var digits): // big number
                length = 6L + digits;
                return true;
            case NewPid:
                (length, inner) = (1, 1);
                return TryTail(12, ref length, ref inner);
            case Pid:
                (length, inner) = (1, 1);
                return TryTail(9, ref length, ref inner);
            case 89: // new port
                return TryTail(8, ref length, ref inner);
            case 102: // port
                return TryTail(5, ref length, ref inner);
            case 120: // port of 64 bits
                return TryTail(12, ref length, ref inner);
            case 101: // reference
                return TryTail(5, ref length, ref inner);
            case 90 when _rest.Length >= 3: // newer reference
                return TryTail(4 + 4 * BinaryPrimitives.ReadUInt16BigEndian(_rest[1..]), ref length, ref inner, front: 3);
            case 114 when _rest.Length >= 3: // new reference
                return TryTail(1 + 4 * BinaryPrimitives.ReadUInt16BigEndian(_rest[1..]), ref length, ref inner, front: 3);
            case 112 when TryU32(1, out var size): // function
                length = 1L + size;
                return true;
            case 113: // external function: module, name, arity
                (length, inner) = (1, 3);
                return true;
            default:
                return false;
        }
    }

    /// <summary>A term that has an atom inside and numbers behind it: the atom is measured too.</summary>
    private readonly bool TryTail(int behind, ref long length, ref long inner, int front = 1)
    {
        inner = 0;
        var rest = _rest;
        if (rest.Length < front + 2) return false;
        var node = new ExternalTerm(rest[front..], _atoms);
        if (!node.TryMeasure(out var atom, out var more) || more != 0) return false;
        length = front + atom + behind;
        return true;
    }

    private readonly bool TryU32(int at, out uint value)
    {
        value = 0;
        return _rest.Length >= at + 4 && BinaryPrimitives.TryReadUInt32BigEndian(_rest[at..], out value);
    }

    private bool TryAtom(out ReadOnlySpan<byte> text, out bool isUtf8)
    {
        text = default;
        isUtf8 = _rest[0] is 118 or 119;
        if (_rest[0] is not (100 or 115 or 118 or 119) || !TryMeasure(out var length, out _) || length > _rest.Length) return false;
        text = _rest[(_rest[0] is 100 or 118 ? 3 : 2)..(int)length];
        _rest = _rest[(int)length..];
        return true;
    }
}
