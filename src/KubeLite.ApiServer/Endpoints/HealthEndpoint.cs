using System.Text;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Responses;
using Microsoft.Extensions.Primitives;

namespace KubeLite.ApiServer.Endpoints;

/// <summary>
/// /healthz, /livez and /readyz with their single checks. With <c>verbose</c>, and whenever one fails, the answer lists the
/// checks; those that <c>exclude</c> names are not made.
/// </summary>
public sealed class HealthEndpoint(IReadOnlyList<HealthCheck> checks)
{
    /// <summary>Answers a health path.</summary>
    /// <returns>False where the path is none.</returns>
    public async Task<bool> TryServeAsync(ApiRequest request)
    {
        string[] parts = request.Info.Path.TrimStart('/').Split('/', 2);
        string endpoint = parts[0];
        if (endpoint is not ("healthz" or "livez" or "readyz"))
        {
            return false;
        }

        IEnumerable<HealthCheck> own = checks.Where(c => endpoint == "readyz" || !c.ReadinessOnly);
        if (parts.Length == 1)
        {
            await ServeAllAsync(request, endpoint, own);
            return true;
        }

        if (own.FirstOrDefault(c => c.Name == parts[1]) is not { } single)
        {
            return false;
        }

        bool good = await single.CheckAsync(request.Aborted);
        await ObjectResponse.SendTextAsync(request, good ? 200 : 500, good ? "ok" : $"internal server error: {single.Name} failed\n");
        return true;
    }

    private static async Task ServeAllAsync(ApiRequest request, string endpoint, IEnumerable<HealthCheck> own)
    {
        StringValues exclude = request.Http.Request.Query["exclude"];
        var excluded = new SortedSet<string>(exclude.Select(e => e!.Trim('"')), StringComparer.Ordinal);
        var text = new StringBuilder();
        bool failed = false;
        foreach (HealthCheck check in own)
        {
            if (excluded.Remove(check.Name))
            {
                text.Append($"[+]{check.Name} excluded: ok\n");
                continue;
            }

            bool good = await check.CheckAsync(request.Aborted);
            text.Append(good ? $"[+]{check.Name} ok\n" : $"[-]{check.Name} failed: reason withheld\n");
            failed |= !good;
        }

        if (excluded.Count > 0)
        {
            text.Append(
                $"warn: some health checks cannot be excluded: no matches for {string.Join(", ", excluded.Select(FieldError.GoQuote))}\n");
        }

        text.Append($"{endpoint} check {(failed ? "failed" : "passed")}\n");
        bool told = failed || request.Http.Request.Query.ContainsKey("verbose");
        await ObjectResponse.SendTextAsync(request, failed ? 500 : 200, told ? text.ToString() : "ok");
    }
}
