using CsCheck;
using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Pipeline.Facts;
using Xunit;

namespace PcapAnalyzer.Judging.Tests;

public sealed class SiblingsTests
{
    private static readonly Gen<(long Started, long Length, bool IsUpdate)> Step = Gen.Select(Gen.Long[-100, 100],
        Gen.OneOf(Gen.Long[0, 10], Gen.Long[0, 200]), Gen.Bool);

    [Fact]
    public void Overlapping_siblings_equal_those_of_a_plain_search() => Step.Array[0, 200].Sample(steps =>
    {
        var siblings = new Siblings();
        var all = new List<Sibling>();
        foreach (var (started, length, isUpdate) in steps)
        {
            if (isUpdate && all.Count > 0)
            {
                var at = (int)(Math.Abs(started) % all.Count);
                all[at] = all[at] with { Ended = all[at].Ended + length };
                siblings.Update(all[at].Number, all[at].Started, all[at].Ended);
            }
            else
            {
                all.Add(new Sibling(all.Count + 1, started, started + length, 0));
                siblings.Add(all[^1]);
            }
        }
        siblings.Update(all.Count + 1, 0, 1000); // not there
        foreach (var one in all.Append(new Sibling(0, -5, 5, 0)))
        {
            var expected = all.Where(other => other.Number != one.Number && other.Started <= one.Ended && other.Ended >= one.Started)
                .Select(other => other.Number).Order();
            Assert.Equal(expected, siblings.Overlapping(one).Select(other => other.Number).Order());
        }
    });
}
