using System.Text;
using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Responses;

namespace KubeLite.ApiServer.Endpoints;

/// <summary>/healthz, /livez and /readyz with their single checks.</summary>
public sealed class HealthEndpoint(IReadOnlyList<(string Name, Func<CancellationToken, ValueTask<bool>> Check)> checks)
{
    /// <summary>Answers a health path.</summary>
    /// <returns>False where the path is none.</returns>
    public async Task<bool> TryServeAsync(ApiRequest request)
    {
        string[] parts = request.Info.Path.Trim('/').Split('/');
        if (parts[0] is not ("healthz" or "livez" or "readyz") || parts.Length > 2)
        {
            return false;
        }

        if (parts.Length == 2)
        {
            foreach ((string name, Func<CancellationToken, ValueTask<bool>> check) in checks)
            {
                if (name == parts[1])
                {
                    bool good = await check(request.Aborted);
                    await ObjectResponse.SendTextAsync(request, good ? 200 : 500, good ? "ok" : $"internal server error: {name} failed\n");
                    return true;
                }
            }

            return false;
        }

        var text = new StringBuilder();
        var failed = new List<string>();
        foreach ((string name, Func<CancellationToken, ValueTask<bool>> check) in checks)
        {
            bool good = request.Http.Request.Query["exclude"].Contains(name) || await check(request.Aborted);
            text.Append(good ? $"[+]{name} ok\n" : $"[-]{name} failed: reason withheld\n");
            if (!good)
            {
                failed.Add(name);
            }
        }

        text.Append(failed.Count == 0 ? $"{parts[0]} check passed\n" : $"{parts[0]} check failed\n");
        bool verbose = request.Http.Request.Query.ContainsKey("verbose");
        await ObjectResponse.SendTextAsync(request, failed.Count == 0 ? 200 : 500, failed.Count == 0 && !verbose ? "ok" : text.ToString());
        return true;
    }
}
