using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Responses;
using KubeLite.ApiServer.Streaming;

namespace KubeLite.ApiServer.Subresources;

/// <summary>GET of pods/NAME/log: what the kubelet of the Pod's node has of it.</summary>
public sealed class PodLogEndpoint(ResourceRegistry registry, KubeletLocator locator, BackendConnector kubelets)
{
    private static readonly string[] s_parameters =
        ["follow", "previous", "sinceSeconds", "sinceTime", "timestamps", "tailLines", "limitBytes", "stream"];

    /// <summary>Answers with the log.</summary>
    public async Task ServeAsync(ApiRequest request, ResourceDefinition definition)
    {
        string ns = request.Info.Namespace, name = request.Info.Name;
        JsonMap pod = await registry.FindNewestAsync("", "pods", ns, name, request.Aborted)
            ?? throw ApiException.NotFound("", "pods", name);
        string container = PodContainers.Choose(pod, request.Query("container") ?? "");
        string node = pod.Map("spec")?.String("nodeName") ?? "";
        if (node.Length == 0)
        {
            // Nobody runs it yet, so there is nothing to read.
            await ObjectResponse.SendBytesAsync(request, 200, ReadOnlyMemory<byte>.Empty, "text/plain");
            return;
        }

        var query = new List<string>();
        foreach (string parameter in s_parameters)
        {
            if (request.Query(parameter) is { Length: > 0 } value)
            {
                query.Add($"{parameter}={Uri.EscapeDataString(value)}");
            }
        }

        BackendAddress address = (await locator.FindAsync(node, request.Aborted)).Address;
        await PassAsync(
            request, address,
            $"{address.Origin}/containerLogs/{ns}/{name}/{container}" + (query.Count > 0 ? "?" + string.Join('&', query) : ""));
    }

    private async Task PassAsync(ApiRequest request, BackendAddress address, string url)
    {
        HttpResponseMessage answer;
        try
        {
            using var onward = new HttpRequestMessage(HttpMethod.Get, url);
            answer = await kubelets.Http.SendAsync(onward, request.Aborted);
        }
        catch (HttpRequestException e)
        {
            throw ApiException.Bare($"Get \"{url}\": {BackendConnector.Explain(e, address)}");
        }

        using (answer)
        {
            if (!answer.IsSuccessStatusCode)
            {
                string text = await answer.Content.ReadAsStringAsync(request.Aborted);
                throw (int)answer.StatusCode is 400
                    ? ApiException.BadRequest(text.Trim())
                    : new ApiException(
                        (int)answer.StatusCode,
                        answer.StatusCode == System.Net.HttpStatusCode.NotFound ? "NotFound" : "InternalError",
                        $"the server could not find the requested resource ( {text.Trim()})", new("", "", ""));
            }

            ObjectResponse.Begin(request, 200, "text/plain");
            await using Stream body = await answer.Content.ReadAsStreamAsync(request.Aborted);
            var buffer = new byte[16 * 1024];
            int read;
            await request.Http.Response.BodyWriter.FlushAsync(request.Aborted);
            while ((read = await body.ReadAsync(buffer, request.Aborted)) > 0)
            {
                await request.Http.Response.BodyWriter.WriteAsync(buffer.AsMemory(0, read), request.Aborted);
            }
        }
    }
}
