using KubeLite.ApiMachinery.Errors;
using KubeLite.Storage;

namespace KubeLite.ApiServer.Registry.Generic;

/// <summary>Turns what the store says into what the API says; the only place that does.</summary>
public static class StoreErrors
{
    /// <summary>The API error for a store error.</summary>
    public static ApiException Translate(StoreException error) => error.Code switch
    {
        StoreErrorCode.Compacted => ApiException.Expired(
            error.Message.StartsWith("too old resource version", StringComparison.Ordinal)
                ? error.Message
                : "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter."),
        StoreErrorCode.FutureRevision => TooLargeResourceVersion(error.Message),
        StoreErrorCode.Timeout => error.Message.StartsWith("Too large resource version", StringComparison.Ordinal)
            ? TooLargeResourceVersion(error.Message)
            : new ApiException(
                504, "Timeout", "the server was unable to return a response in the time allotted, but may still be processing the request",
                new("", "", "")),
        StoreErrorCode.TooLarge => new ApiException(413, "RequestEntityTooLarge", $"Request entity too large: {error.Message}"),
        StoreErrorCode.NoSpace => new ApiException(503, "ServiceUnavailable", $"the store has no space left: {error.Message}", Retry(5)),
        StoreErrorCode.InvalidArgument => ApiException.BadRequest(error.Message),
        StoreErrorCode.Corrupt => ApiException.Internal($"the store's data is damaged: {error.Message}"),
        _ => new ApiException(503, "ServiceUnavailable", "the server is currently unable to handle the request", Retry(1)),
    };

    /// <summary>True where a write that failed so has certainly not taken place; of any other nobody knows.</summary>
    public static bool IsRefusal(StoreException error) =>
        error.Code is StoreErrorCode.TooLarge or StoreErrorCode.NoSpace or StoreErrorCode.InvalidArgument or StoreErrorCode.Unauthenticated;

    /// <summary>A resourceVersion that the server hasn't reached.</summary>
    public static ApiException TooLargeResourceVersion(string message) => new(504, "Timeout", $"Timeout: {message}", new("", "", "")
    {
        Causes = [new("ResourceVersionTooLarge", "Too large resource version", "")],
        RetryAfterSeconds = 1,
    });

    private static StatusDetails Retry(int seconds) => new("", "", "") { RetryAfterSeconds = seconds };
}
