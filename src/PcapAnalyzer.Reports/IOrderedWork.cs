namespace PcapAnalyzer.Reports;

/// <summary>Makes many things and gives them in order; whether several at once is its own affair.</summary>
public interface IOrderedWork
{
    /// <param name="count">How many.</param>
    /// <param name="make">Makes the one of that number, from 0; may be called on any thread, for several numbers at once.</param>
    IEnumerable<T> Select<T>(int count, Func<int, T> make);
}

/// <summary>One after the other, on the caller's thread.</summary>
public sealed class OneByOne : IOrderedWork
{
    public IEnumerable<T> Select<T>(int count, Func<int, T> make) => Enumerable.Range(0, count).Select(make);
}
