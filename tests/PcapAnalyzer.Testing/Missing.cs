using Xunit;

namespace PcapAnalyzer.Testing;

/// <summary>What this machine lacks: a failure in CI, elsewhere a skip with its reason.</summary>
public static class Missing
{
    public static void Tool(string why)
    {
        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", why);
        Assert.Skip(why);
    }
}
