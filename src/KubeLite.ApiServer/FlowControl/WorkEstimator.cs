using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Requests;
using KubeLite.Storage.Caching;

namespace KubeLite.ApiServer.FlowControl;

/// <summary>
/// Estimates the work of requests as Kubernetes v1.36 does (apiserver, util/flowcontrol/request): lists, and watches that begin
/// with one, by the memory that they take at once; writes by the watches that are told of them. Safe from any thread.
/// </summary>
internal sealed class WorkEstimator(ResourceRegistry registry, WatchTracker watches, TimeProvider time)
{
    private const int MostListSeats = 100;
    private const int MostWriteSeats = 10;
    private const long BytesPerSeat = 100_000;

    // A list out of the cache is sent as it is read: this much of it is in memory at once.
    private const long MostBytesFromCache = 1_000_000;

    private const int WatchesPerSeat = 10;
    private static readonly TimeSpan s_perEvent = TimeSpan.FromMilliseconds(5);

    private readonly StoredSizes _sizes = new(time);

    /// <summary>Estimates a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="mostSeats">The most seats that its level gives one request; 0 where it doesn't say.</param>
    public WorkEstimate Of(ApiRequest request, int mostSeats) => request.Info.Verb switch
    {
        "list" or "watch" => OfList(request, Most(mostSeats, MostListSeats)),
        "create" or "update" or "patch" or "delete" => OfWrite(request.Info, Most(mostSeats, MostWriteSeats)),
        _ => WorkEstimate.One,
    };

    /// <summary>The seats for so many bytes, of which a list out of the cache has only some in memory at once.</summary>
    internal static int SeatsFor(long bytes, bool fromCache, int most) =>
        (int)Math.Clamp(((fromCache ? Math.Min(bytes, MostBytesFromCache) : bytes) + BytesPerSeat - 1) / BytesPerSeat, 1, most);

    private static int Most(int level, int limit) => level == 0 ? limit : Math.Min(level, limit);

    private WorkEstimate OfList(ApiRequest request, int most)
    {
        RequestInfo info = request.Info;
        bool watch = info.Verb == "watch";
        string revision = request.Query("resourceVersion") ?? "";
        if (watch && revision is not ("" or "0") && !QueryFlags.IsTrue(request.Http.Request.Query, "sendInitialEvents"))
        {
            // It begins with nothing but what comes.
            return WorkEstimate.One;
        }

        if (!registry.TryGet(info.Group, info.Version, info.Resource, out ResourceDefinition? definition)
            || !definition.Facts.Supports("list"))
        {
            return WorkEstimate.One;
        }

        ResourceCache cache = registry.Cache(definition);
        if (!cache.IsReady)
        {
            return WorkEstimate.One;
        }

        (long stored, long average) = _sizes.Of(cache);
        long limit = long.TryParse(request.Query("limit"), out long given) && given > 0 ? given : 0;
        bool selects = request.Query("fieldSelector") is { Length: > 0 } || request.Query("labelSelector") is { Length: > 0 };
        long loaded = info.Name.Length > 0 ? 1 : Math.Min(stored, limit > 0 ? limit : stored);
        bool fromCache = watch || IsFromCache(request, revision, limit);
        if (!fromCache && selects && info.Name.Length == 0)
        {
            loaded = Math.Max(loaded, stored / 2);
        }

        return WorkEstimate.One with { InitialSeats = SeatsFor(loaded * average, fromCache, most) };
    }

    /// <summary>
    /// Kubernetes' rule (storage/cacher/delegator, without snapshots): pages that continue and exact revisions come from the store.
    /// </summary>
    private static bool IsFromCache(ApiRequest request, string revision, long limit) => request.Query("resourceVersionMatch") switch
    {
        "NotOlderThan" => true,
        null or "" => request.Query("continue") is not { Length: > 0 } && (limit == 0 || revision is "" or "0"),
        _ => false,
    };

    private WorkEstimate OfWrite(RequestInfo info, int most)
    {
        if (info is { Resource: "serviceaccounts", Subresource: "token" })
        {
            // Nobody is told of it.
            return WorkEstimate.One;
        }

        int told = watches.CountFor(info);
        if (told < WatchesPerSeat)
        {
            return WorkEstimate.One;
        }

        int seats = (told + WatchesPerSeat - 1) / WatchesPerSeat;
        return new WorkEstimate(1, Math.Min(seats, most), s_perEvent * seats / Math.Min(seats, most));
    }
}
