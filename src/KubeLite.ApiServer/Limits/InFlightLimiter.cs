using KubeLite.ApiServer.Requests;

namespace KubeLite.ApiServer.Limits;

/// <summary>
/// How many requests are served at once: one limit for those that read, one for those that change something. Members of
/// system:masters are never turned away, so that an overloaded server can still be looked after. Safe from any thread.
/// </summary>
/// <param name="reading">The most requests that read; 0 for no limit.</param>
/// <param name="mutating">The most requests that change something; 0 for no limit.</param>
public sealed class InFlightLimiter(int reading, int mutating)
{
    private int _reading;
    private int _mutating;

    /// <summary>How many that read are being served.</summary>
    public int Reading => Volatile.Read(ref _reading);

    /// <summary>How many that change something are being served.</summary>
    public int Mutating => Volatile.Read(ref _mutating);

    /// <summary>Lets a request in; each that is let in is let out once by <see cref="Leave"/>.</summary>
    /// <returns>False where it is one too many.</returns>
    public bool TryEnter(ApiRequest request)
    {
        if (LongRunning.Is(request.Info))
        {
            return true;
        }

        bool reads = Reads(request);
        int limit = reads ? reading : mutating;
        ref int count = ref reads ? ref _reading : ref _mutating;
        if (Interlocked.Increment(ref count) <= limit || limit <= 0 || request.User.Groups.Contains("system:masters"))
        {
            return true;
        }

        Interlocked.Decrement(ref count);
        return false;
    }

    /// <summary>Counts a request that something else let in; let out once by <see cref="Leave"/>.</summary>
    public void Enter(ApiRequest request)
    {
        if (!LongRunning.Is(request.Info))
        {
            Interlocked.Increment(ref Reads(request) ? ref _reading : ref _mutating);
        }
    }

    /// <summary>Lets a request out.</summary>
    public void Leave(ApiRequest request)
    {
        if (!LongRunning.Is(request.Info))
        {
            Interlocked.Decrement(ref Reads(request) ? ref _reading : ref _mutating);
        }
    }

    private static bool Reads(ApiRequest request) => request.Info.Verb is "get" or "list" or "watch";
}
