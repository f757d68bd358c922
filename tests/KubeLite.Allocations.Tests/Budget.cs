using Xunit;
using Xunit.Abstractions;

namespace KubeLite.Allocations.Tests;

/// <summary>What a hot path may allocate. The budgets are what was measured in the Debug build that CI tests, and a little air; a change
/// that needs more has to say so here, and one that needs clearly less lowers its budget.</summary>
public static class Budget
{
    /// <summary>How much more than was measured is let through.</summary>
    public const double Air = 1.15;

    /// <summary>How often each path is measured, after one round that only warms it up.</summary>
    public const int Rounds = 3;

    /// <summary>Measured bytes a unit: of one request, one item of a list, one event delivered to one watcher.</summary>
    public static readonly IReadOnlyDictionary<string, double> Measured = new Dictionary<string, double>(StringComparer.Ordinal)
    {
        ["get a Pod"] = 3510,
        ["item of a cached list"] = 1,
        ["create a Pod"] = 70_000,
        ["patch a Pod's status"] = 78_000,
        ["event delivered to a watcher"] = 40,
        ["event delivered to a watcher in protobuf"] = 30,
    };

    /// <summary>
    /// The bytes that a piece of work allocates in the whole process: the least of several rounds, since whatever else runs only adds.
    /// </summary>
    public static async Task<long> BytesAsync(Func<Task> work)
    {
        await work();
        long least = long.MaxValue;
        for (int i = 0; i < Rounds; i++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            await work();
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        return least;
    }

    /// <summary>Fails where a unit of a path allocates more than its budget.</summary>
    public static void Check(string path, double bytes, ITestOutputHelper output)
    {
        double budget = Measured[path] * Air;
        output.WriteLine(FormattableString.Invariant($"{path}: {bytes:0.0} B, budget {budget:0.0} B"));
        Assert.True(bytes <= budget, FormattableString.Invariant($"{path} allocates {bytes:0.0} B, its budget is {budget:0.0} B"));
    }
}
