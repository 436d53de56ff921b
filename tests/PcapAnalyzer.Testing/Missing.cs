using Xunit;

namespace PcapAnalyzer.Testing;

/// <summary>Handles a tool that this machine lacks: fails in CI, skips with the reason elsewhere.</summary>
public static class Missing
{
    public static void Tool(string why)
    {
        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", why);
        Assert.Skip(why);
    }
}
