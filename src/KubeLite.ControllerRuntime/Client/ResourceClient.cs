using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using k8s.Models;

namespace KubeLite.ControllerRuntime.Client;

/// <summary>
/// The verbs of one resource, read and written as <typeparamref name="T"/>. Every method throws
/// <see cref="ApiStatusException"/> when the server refuses, <see cref="HttpRequestException"/> when it can't be reached
/// and <see cref="TimeoutException"/> after <see cref="ApiClientOptions.RequestTimeout"/>. Thread-safe.
/// </summary>
public sealed class ResourceClient<T>
{
    private static readonly MediaTypeHeaderValue s_json = new("application/json");

    private readonly ApiTransport _transport;
    private readonly string _acceptOne;
    private readonly string _acceptList;

    internal ResourceClient(ApiTransport transport, ResourceInfo resource, string acceptOne, string acceptList)
    {
        _transport = transport;
        Resource = resource;
        _acceptOne = acceptOne;
        _acceptList = acceptList;
    }

    /// <summary>What this client speaks of.</summary>
    public ResourceInfo Resource { get; }

    /// <summary>One object.</summary>
    public Task<T> GetAsync(string? ns, string name, CancellationToken cancellationToken) =>
        _transport.SendAsync<T>(HttpMethod.Get, Resource.Path(ns, name, null), null, _acceptOne, cancellationToken);

    /// <summary>One object, or null where it doesn't exist.</summary>
    public async Task<T?> FindAsync(string? ns, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await GetAsync(ns, name, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiStatusException e) when (e.IsNotFound)
        {
            return default;
        }
    }

    /// <summary>One page of a list; all of it where no limit is set. A null namespace means all of them.</summary>
    public Task<ResourceList<T>> ListAsync(string? ns, ListOptions options, CancellationToken cancellationToken) =>
        _transport.SendAsync<ResourceList<T>>(HttpMethod.Get, ListPath(ns, options), null, _acceptList, cancellationToken);

    /// <summary>As <see cref="ListAsync"/>, with items read by <paramref name="item"/>.</summary>
    internal Task<ResourceList<TItem>> ListAsync<TItem>(
        string? ns, ListOptions options, ObjectReader<TItem> item, CancellationToken cancellationToken) =>
        _transport.SendAsync(
            HttpMethod.Get, ListPath(ns, options), null, _acceptList, (body, ct) => ListReader.ReadAsync(body, item, ct),
            cancellationToken);

    /// <summary>
    /// The changes after <see cref="ListOptions.ResourceVersion"/>, with bookmarks, until the server ends the watch.
    /// </summary>
    /// <param name="ns">Null: all namespaces.</param>
    /// <param name="options">What to watch from where.</param>
    /// <param name="timeout">After how long the server ends the watch, in whole seconds.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    /// <exception cref="ApiStatusException">Also for an ERROR event; <see cref="ApiStatusException.IsGone"/> asks for a new
    /// list.</exception>
    public IAsyncEnumerable<WatchEvent<T>> WatchAsync(
        string? ns, ListOptions options, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var type = JsonType;
        return WatchAsync(
            ns, options, timeout,
            (ref reader, in _) => JsonSerializer.Deserialize(ref reader, type) ?? throw new JsonException("A watched object is null."),
            cancellationToken);
    }

    /// <summary>As <see cref="WatchAsync(string?, ListOptions, TimeSpan, CancellationToken)"/>, with objects read by
    /// <paramref name="item"/>.</summary>
    internal async IAsyncEnumerable<WatchEvent<TItem>> WatchAsync<TItem>(
        string? ns, ListOptions options, TimeSpan timeout, ObjectReader<TItem> item,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = new StringBuilder("?watch=true&allowWatchBookmarks=true");
        Query.Append(query, "timeoutSeconds", ((long)timeout.TotalSeconds).ToString(CultureInfo.InvariantCulture));
        options.AppendTo(query);
        using var response = await _transport.StreamAsync(Resource.Path(ns, null, null) + query, _acceptOne, cancellationToken)
            .ConfigureAwait(false);
        using var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var change in WatchReader.ReadAsync(body, item, cancellationToken).ConfigureAwait(false))
        {
            yield return change;
        }
    }

    /// <summary>Creates an object and answers it as stored.</summary>
    public Task<T> CreateAsync(string? ns, T item, WriteOptions options, CancellationToken cancellationToken) =>
        _transport.SendAsync<T>(
            HttpMethod.Post, Resource.Path(ns, null, options.Subresource) + WriteQuery(options), Json(item), _acceptOne, cancellationToken);

    /// <summary>Creates through a subresource of an existing object, such as <c>binding</c> or <c>token</c>.</summary>
    public Task<TAnswer> CreateSubresourceAsync<TBody, TAnswer>(
        string? ns, string name, string subresource, TBody body, CancellationToken cancellationToken) =>
        _transport.SendAsync<TAnswer>(
            HttpMethod.Post, Resource.Path(ns, name, subresource), Json(body), "application/json", cancellationToken);

    /// <summary>
    /// Replaces an object (or its <see cref="WriteOptions.Subresource"/>); refused with a conflict if it carries an old resource version.
    /// </summary>
    public Task<T> UpdateAsync(string? ns, string name, T item, WriteOptions options, CancellationToken cancellationToken) =>
        _transport.SendAsync<T>(
            HttpMethod.Put, Resource.Path(ns, name, options.Subresource) + WriteQuery(options), Json(item), _acceptOne, cancellationToken);

    /// <summary>Patches an object or its <see cref="WriteOptions.Subresource"/>.</summary>
    /// <param name="ns">The object's namespace; null for a cluster-scoped object.</param>
    /// <param name="name">The object's name.</param>
    /// <param name="format">How <paramref name="patch"/> is to be read.</param>
    /// <param name="patch">The patch, UTF-8.</param>
    /// <param name="options">The field manager and subresource.</param>
    /// <param name="cancellationToken">Gives up waiting; the patch may be applied all the same.</param>
    public Task<T> PatchAsync(
        string? ns, string name, PatchFormat format, ReadOnlyMemory<byte> patch, WriteOptions options, CancellationToken cancellationToken)
    {
        var content = new ReadOnlyMemoryContent(patch);
        content.Headers.ContentType = new MediaTypeHeaderValue(format switch
        {
            PatchFormat.Json => "application/json-patch+json",
            PatchFormat.Merge => "application/merge-patch+json",
            PatchFormat.StrategicMerge => "application/strategic-merge-patch+json",
            _ => "application/apply-patch+yaml",
        });
        return _transport.SendAsync<T>(
            HttpMethod.Patch, Resource.Path(ns, name, options.Subresource) + WriteQuery(options), content, _acceptOne, cancellationToken);
    }

    /// <summary>Deletes an object; null options mean the kind's default propagation and grace.</summary>
    public async Task DeleteAsync(string? ns, string name, V1DeleteOptions? options, CancellationToken cancellationToken) =>
        await _transport.SendAsync<JsonElement>(
            HttpMethod.Delete, Resource.Path(ns, name, null), options is null ? null : Json(options), "application/json",
            cancellationToken).ConfigureAwait(false);

    /// <summary>Deletes all objects of a namespace that <paramref name="list"/> selects.</summary>
    public async Task DeleteCollectionAsync(string? ns, V1DeleteOptions? options, ListOptions list, CancellationToken cancellationToken)
    {
        await _transport.SendAsync<JsonElement>(
            HttpMethod.Delete, ListPath(ns, list), options is null ? null : Json(options), "application/json",
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>How <typeparamref name="T"/> is read.</summary>
    internal JsonTypeInfo<T> JsonType => KubeJson.Type<T>(_transport.Json);

    internal byte[] Bytes<TBody>(TBody body) => KubeJson.Serialize(body, _transport.Json);

    private ByteArrayContent Json<TBody>(TBody body)
    {
        var content = new ByteArrayContent(Bytes(body));
        content.Headers.ContentType = s_json;
        return content;
    }

    private string ListPath(string? ns, ListOptions options)
    {
        var query = new StringBuilder();
        options.AppendTo(query);
        return Resource.Path(ns, null, null) + query;
    }

    private static string WriteQuery(WriteOptions options)
    {
        var query = new StringBuilder();
        Query.Append(query, "fieldManager", options.FieldManager);
        Query.Append(query, "force", options.Force ? "true" : null);
        Query.Append(query, "dryRun", options.DryRun ? "All" : null);
        return query.ToString();
    }
}
