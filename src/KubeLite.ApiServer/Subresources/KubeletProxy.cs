using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Responses;
using KubeLite.Hosting;

namespace KubeLite.ApiServer.Subresources;

/// <summary>Passes requests for a Pod's logs on to the kubelet of its node.</summary>
public sealed class KubeletProxy : IDisposable
{
    private readonly ResourceRegistry _registry;
    private readonly HttpClient _client;

    /// <summary>Makes the client for kubelets from the options' certificates.</summary>
    /// <exception cref="StartupException">A file can't be read.</exception>
    public KubeletProxy(ResourceRegistry registry, ApiServerOptions options)
    {
        _registry = registry;
        var ssl = new SslClientAuthenticationOptions();
        try
        {
            if (options.KubeletClientCertificateFile.Length > 0)
            {
                ssl.ClientCertificates = [X509Certificate2.CreateFromPemFile(options.KubeletClientCertificateFile, options.KubeletClientKeyFile)];
            }

            if (options.KubeletCertificateAuthorityFile.Length > 0)
            {
                var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
                policy.CustomTrustStore.ImportFromPemFile(options.KubeletCertificateAuthorityFile);
                ssl.CertificateChainPolicy = policy;
            }
            else
            {
                // As kube-apiserver: without an authority the kubelet's certificate is taken as it is.
                ssl.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw new StartupException($"--kubelet-client-certificate or --kubelet-certificate-authority: {e.Message}", e);
        }

        _client = new HttpClient(new SocketsHttpHandler { SslOptions = ssl, ConnectTimeout = TimeSpan.FromSeconds(5), PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30) })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>GET of pods/NAME/log.</summary>
    public async Task LogsAsync(ApiRequest request, ResourceDefinition definition)
    {
        string ns = request.Info.Namespace, name = request.Info.Name;
        JsonMap pod = await _registry.FindAsync("", "pods", ns, name, request.Aborted) ?? throw ApiException.NotFound("", "pods", name);
        JsonMap spec = pod.MapAt("spec");
        string container = Container(pod, request.Query("container") ?? "", name);
        string nodeName = spec.String("nodeName") ?? "";
        if (nodeName.Length == 0)
        {
            // Nobody runs it yet, so there is nothing to read.
            await ObjectResponse.SendBytesAsync(request, 200, ReadOnlyMemory<byte>.Empty, "text/plain");
            return;
        }

        var query = new List<string>();
        foreach (string parameter in (string[])["follow", "previous", "sinceSeconds", "sinceTime", "timestamps", "tailLines", "limitBytes", "stream"])
        {
            if (request.Query(parameter) is { Length: > 0 } value)
            {
                query.Add($"{parameter}={Uri.EscapeDataString(value)}");
            }
        }

        await PassAsync(request, nodeName, $"/containerLogs/{ns}/{name}/{container}" + (query.Count > 0 ? "?" + string.Join('&', query) : ""));
    }

    /// <inheritdoc />
    public void Dispose() => _client.Dispose();

    private static string Container(JsonMap pod, string wanted, string name)
    {
        JsonMap spec = pod.MapAt("spec");
        List<string> containers = [.. Names("containers")], init = [.. Names("initContainers")], ephemeral = [.. Names("ephemeralContainers")];
        if (wanted.Length > 0)
        {
            return containers.Contains(wanted) || init.Contains(wanted) || ephemeral.Contains(wanted)
                ? wanted
                : throw ApiException.BadRequest($"container {wanted} is not valid for pod {name}");
        }

        if (pod.MapAt("metadata").Map("annotations")?.String("kubectl.kubernetes.io/default-container") is { } preferred && containers.Contains(preferred))
        {
            return preferred;
        }

        if (containers.Count == 1)
        {
            return containers[0];
        }

        string choices = $"a container name must be specified for pod {name}, choose one of: [{string.Join(" ", containers)}]";
        throw ApiException.BadRequest(init.Count > 0 ? $"{choices} or one of the init containers: [{string.Join(" ", init)}]" : choices);

        IEnumerable<string> Names(string kind) => spec.List(kind)?.Maps().Select(c => c.String("name") ?? "") ?? [];
    }

    private async Task PassAsync(ApiRequest request, string nodeName, string path)
    {
        JsonMap node = await _registry.FindAsync("", "nodes", "", nodeName, request.Aborted) ?? throw ApiException.NotFound("", "nodes", nodeName);
        JsonMap status = node.MapAt("status");
        long port = status.Map("daemonEndpoints")?.Map("kubeletEndpoint")?.Integer("Port") ?? 10250;
        string address = status.List("addresses")?.Maps().FirstOrDefault(a => a.String("type") == "InternalIP")?.String("address")
            ?? status.List("addresses")?.Maps().FirstOrDefault()?.String("address")
            ?? throw ApiException.Internal($"node {nodeName} has no address");
        string url = string.Create(CultureInfo.InvariantCulture, $"https://{address}:{port}{path}");
        try
        {
            using HttpResponseMessage answer = await _client.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, request.Aborted);
            if (!answer.IsSuccessStatusCode)
            {
                string text = await answer.Content.ReadAsStringAsync(request.Aborted);
                throw (int)answer.StatusCode is 400
                    ? ApiException.BadRequest(text.Trim())
                    : new ApiException((int)answer.StatusCode, answer.StatusCode == System.Net.HttpStatusCode.NotFound ? "NotFound" : "InternalError",
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
        catch (HttpRequestException e)
        {
            throw ApiException.Bare($"Get \"{url}\": {e.Message}");
        }
    }
}
