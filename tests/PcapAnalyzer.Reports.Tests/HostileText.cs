using CsCheck;

namespace PcapAnalyzer.Reports.Tests;

/// <summary>Text that an attacker may send to corrupt a terminal's display.</summary>
internal static class HostileText
{
    private static readonly string[] Pieces =
    [
        "a", "rabbit", "@", "-", ".", " ", "生", "産", "한", "Ａ", "ﾊ", "😀", "é", "e\u0301", "\u0301", "\u0301\u0302\u0303\u0304\u0305\u0306",
        "\u1161", "\u001b[2J", "\u001b]0;x\a", "\r\n", "\0", "\u009b",
        "\u202e", "\u2066", "\u200d", "\u200b", "\ufe0f", "\U0001F1E9\U0001F1EA", "👍\U0001F3FD", "\ud800", "\udc00", "\ufffd", "\ue000",
        "\U000E0041", "\U00020000", "│", "►", "✓", "…", "µ", "◌", "\u3000", "\u00ad", "ｶﾞ",
    ];

    internal static Gen<string> Any { get; } = Gen.OneOf(Gen.OneOf(Pieces).Array[0, 40].Select(string.Concat), Gen.String[0, 30],
        Gen.Select(Gen.OneOf(Pieces), Gen.Int[0, 300]).Select((piece, times) => string.Concat(Enumerable.Repeat(piece, times))));
}
