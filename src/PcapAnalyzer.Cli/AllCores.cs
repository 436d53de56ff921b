using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Cli;

/// <summary>Runs as many tasks at once as there are cores, and never more than that ahead of the consumer.</summary>
/// <param name="most">Most tasks at once, if that is fewer.</param>
internal sealed class AllCores(int most = int.MaxValue) : IOrderedWork
{
    public IEnumerable<T> Select<T>(int count, Func<int, T> make)
    {
        var underWay = new Queue<Task<T>>();
        for (var next = 0; next < count || underWay.Count > 0;)
        {
            while (next < count && underWay.Count < Math.Min(most, Environment.ProcessorCount))
            {
                var number = next++;
                underWay.Enqueue(Task.Run(() => make(number)));
            }
            yield return underWay.Dequeue().GetAwaiter().GetResult();
        }
    }
}
