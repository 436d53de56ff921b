using Xunit;

namespace PcapAnalyzer.Capture.Tests;

/// <summary>What this machine lacks: a failure in CI, elsewhere a skip with its reason.</summary>
internal static class Missing
{
    internal static void Tool(string why)
    {
        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", why);
        Assert.Skip(why);
    }
}
