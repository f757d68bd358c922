using Xunit;

namespace KubeLite.Storage.Tests.Contract;

/// <summary>Waiting on conditions, with a deadline.</summary>
public static class Until
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    public static async Task TrueAsync(Func<ValueTask<bool>> condition, string what)
    {
        using CancellationTokenSource deadline = new(Deadline);
        while (!await condition())
        {
            Assert.False(deadline.IsCancellationRequested, $"not within {Deadline}: {what}");
            await Task.Yield();
        }
    }

    public static Task TrueAsync(Func<bool> condition, string what) => TrueAsync(() => ValueTask.FromResult(condition()), what);

    public static CancellationToken DeadlineToken() => new CancellationTokenSource(Deadline).Token;
}
