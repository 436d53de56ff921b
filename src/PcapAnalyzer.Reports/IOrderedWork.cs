namespace PcapAnalyzer.Reports;

/// <summary>Produces many results and returns them in order. The implementation decides how many run at once.</summary>
public interface IOrderedWork
{
    /// <param name="make">Produces the result with that index, from 0. It may run on any thread, for several indexes at once.</param>
    IEnumerable<T> Select<T>(int count, Func<int, T> make);
}

/// <summary>Produces one result after the other, on the caller's thread.</summary>
public sealed class OneByOne : IOrderedWork
{
    public IEnumerable<T> Select<T>(int count, Func<int, T> make) => Enumerable.Range(0, count).Select(make);
}

internal static class OrderedWork
{
    /// <summary>Results per unit of work: enough to amortize the hand-over, few enough to be collected young.</summary>
    private const int BlockLength = 16;

    /// <inheritdoc cref="IOrderedWork.Select"/>
    internal static IEnumerable<T> InBlocks<T>(this IOrderedWork work, int count, Func<int, T> make)
    {
        List<T> Block(int block) =>
            [.. Enumerable.Range(block * BlockLength, Math.Min(BlockLength, count - block * BlockLength)).Select(make)];
        return work.Select((count + BlockLength - 1) / BlockLength, Block).SelectMany(block => block);
    }
}
