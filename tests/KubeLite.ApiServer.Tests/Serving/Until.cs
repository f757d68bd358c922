namespace KubeLite.ApiServer.Tests.Serving;

/// <summary>Waits for conditions that come by themselves.</summary>
public static class Until
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(30);

    /// <summary>Asks again and again until the answer is yes.</summary>
    /// <exception cref="TimeoutException">It was no for half a minute.</exception>
    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        using var deadline = new CancellationTokenSource(s_deadline);
        while (!await condition())
        {
            if (deadline.IsCancellationRequested)
            {
                throw new TimeoutException($"it never came true that {what}");
            }

            await Task.Delay(10);
        }
    }
}
