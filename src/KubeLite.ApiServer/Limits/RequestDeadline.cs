using System.Globalization;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Requests;
using KubeLite.Hosting.CommandLine;

namespace KubeLite.ApiServer.Limits;

/// <summary>
/// The time that a request may take. While it runs, <see cref="ApiRequest.Aborted"/> ends with it as well as with the
/// client; <see cref="HasPassed"/> tells the two apart.
/// </summary>
public sealed class RequestDeadline : IDisposable
{
    private readonly CancellationTokenSource _ended;
    private readonly CancellationToken _gone;
    private readonly CancellationTokenRegistration _registration;

    private RequestDeadline(ApiRequest request, TimeSpan limit, TimeProvider time)
    {
        _gone = request.Http.RequestAborted;
        _ended = new CancellationTokenSource(limit, time);
        _registration = _gone.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), _ended);
        request.Http.RequestAborted = _ended.Token;
    }

    /// <summary>What a request is answered whose time is over.</summary>
    public static ApiException TooLate =>
        new(504, "Timeout", "Timeout: request did not complete within the allotted timeout", new("", "", ""));

    /// <summary>True where the time is over and the client still waits.</summary>
    public bool HasPassed => _ended.IsCancellationRequested && !_gone.IsCancellationRequested;

    /// <summary>Starts the clock of a request.</summary>
    /// <param name="request">The request; its <c>timeout</c> parameter may ask for less time than the limit.</param>
    /// <param name="limit">The most time that a request may take.</param>
    /// <param name="time">The clock.</param>
    /// <returns>Null for requests that last as long as their clients want.</returns>
    /// <exception cref="ApiException">400: the parameter is no duration.</exception>
    public static RequestDeadline? Start(ApiRequest request, TimeSpan limit, TimeProvider time)
    {
        if (LongRunning.Is(request.Info))
        {
            return null;
        }

        if (request.Query("timeout") is { Length: > 0 } text)
        {
            TimeSpan wanted = Parse(text);
            // Zero asks for the server's own limit, which nobody gets more than.
            limit = wanted > TimeSpan.Zero && wanted < limit ? wanted : limit;
        }

        request.TimeLimit = limit;
        return new RequestDeadline(request, limit, time);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _registration.Dispose();
        _ended.Dispose();
    }

    private static TimeSpan Parse(string text)
    {
        if (GoDuration.TryParse(text, out TimeSpan value))
        {
            return value;
        }

        bool number = double.TryParse(
            text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);
        throw ApiException.BadRequest(
            "invalid timeout specified in the request URL - time: " +
                $"{(number ? "missing unit in" : "invalid")} duration {FieldError.GoQuote(text)}");
    }
}
