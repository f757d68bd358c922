using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Responses;
using Prometheus;

namespace KubeLite.ApiServer.Endpoints;

/// <summary>/metrics in Prometheus' text form.</summary>
public sealed class MetricsEndpoint(RequestMetrics metrics) : IPathEndpoint
{
    /// <inheritdoc />
    public async Task<bool> TryServeAsync(ApiRequest request)
    {
        if (request.Info.Path != "/metrics")
        {
            return false;
        }

        using var text = new MemoryStream();
        await metrics.Registry.CollectAndExportAsTextAsync(text, request.Aborted);
        await ObjectResponse.SendBytesAsync(request, 200, text.ToArray(), "text/plain; version=0.0.4; charset=utf-8");
        return true;
    }
}
