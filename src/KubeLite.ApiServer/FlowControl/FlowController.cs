using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Limits;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Requests;
using KubeLite.Storage.Caching;

namespace KubeLite.ApiServer.FlowControl;

/// <summary>
/// API priority and fairness (KEP-1040): a request belongs to the first FlowSchema that speaks of it and runs at that
/// schema's PriorityLevelConfiguration, which has a share of all seats. Where they are taken, it borrows an idle seat of a
/// level that lends, waits in a queue of its flow, or is turned away. Safe from any thread; one lock guards all levels.
/// </summary>
/// <remarks>
/// Unlike in Kubernetes, which moves borrowed seats every ten seconds, a seat is borrowed when it is needed and goes back when
/// the request ends: a level that lends has its own seats at once, at worst beside requests that still use what they borrowed.
/// </remarks>
/// <param name="registry">Where the objects are.</param>
/// <param name="total">The seats of all levels together.</param>
/// <param name="patience">How long a request may wait in a queue.</param>
/// <param name="time">The clock.</param>
public sealed class FlowController(ResourceRegistry registry, int total, TimeSpan patience, TimeProvider time)
{
    private const string Group = "flowcontrol.apiserver.k8s.io";

    // Kubernetes' estimate: a list of many objects is as much work as several requests.
    private const int ObjectsPerSeat = 100;
    private const int MostSeats = 10;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, PriorityLevel> _levels = new(StringComparer.Ordinal);
    private readonly Lazy<(ResourceCache Schemas, ResourceCache Levels)> _caches = new(() =>
        (registry.Cache(Group, "flowschemas"), registry.Cache(Group, "prioritylevelconfigurations")));

    private volatile Configuration? _configuration;

    /// <summary>Lets a request in, at once or when its turn has come; the answer's headers say at which level.</summary>
    /// <returns>The ticket to give back; null where the request is turned away.</returns>
    public async ValueTask<FlowTicket?> EnterAsync(ApiRequest request)
    {
        bool watch = request.Info.Verb == "watch";
        if ((LongRunning.Is(request.Info) && !watch) || Find(request) is not { } schema)
        {
            return default(FlowTicket);
        }

        PriorityLevel level = schema.Level;
        request.Http.Response.Headers["X-Kubernetes-PF-FlowSchema-UID"] = schema.Uid;
        request.Http.Response.Headers["X-Kubernetes-PF-PriorityLevel-UID"] = level.Uid;
        if (level.Exempt || watch)
        {
            return default(FlowTicket);
        }

        int seats = SeatsOf(request);
        FlowQueue queue;
        FlowQueue.Waiter waiter;
        lock (_gate)
        {
            seats = Math.Min(seats, Math.Max(1, level.Nominal));
            if (level.Waiting == 0 && HasRoom(level, seats))
            {
                level.Executing += seats;
                return new FlowTicket(level, seats, null, 0);
            }

            if (level.Enqueue(schema.FlowOf(request), seats) is not { } place)
            {
                level.Rejected++;
                return null;
            }

            (queue, waiter) = place;
        }

        try
        {
            await waiter.Turn.Task.WaitAsync(patience, time, request.Aborted);
            return new FlowTicket(level, seats, queue, time.GetTimestamp());
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            Withdraw(level, queue, waiter);
            if (e is OperationCanceledException)
            {
                throw;
            }

            return null;
        }
    }

    /// <summary>Lets a request out, and others in.</summary>
    public void Leave(FlowTicket ticket)
    {
        if (ticket.Level is not { } level)
        {
            return;
        }

        lock (_gate)
        {
            level.Executing -= ticket.Seats;
            if (ticket.Queue is not null)
            {
                PriorityLevel.Account(ticket.Queue, ticket.Seats, time.GetElapsedTime(ticket.Started));
            }

            DispatchAll(level);
        }
    }

    /// <summary>How each level stands.</summary>
    public IReadOnlyList<FlowLevelState> Describe()
    {
        lock (_gate)
        {
            return [.. _levels.Select(l => new FlowLevelState(l.Key, l.Value.Nominal, l.Value.Executing, l.Value.Waiting, l.Value.Rejected))];
        }
    }

    private void Withdraw(PriorityLevel level, FlowQueue queue, FlowQueue.Waiter waiter)
    {
        lock (_gate)
        {
            if (!waiter.Dispatched)
            {
                level.Rejected++;
                level.Withdraw(queue, waiter);
                return;
            }

            // Its turn came at the moment it gave up.
            level.Executing -= waiter.Seats;
            DispatchAll(level);
        }
    }

    /// <summary>The level whose seats have come free first, then those that may borrow them.</summary>
    private void DispatchAll(PriorityLevel first)
    {
        Dispatch(first);
        foreach (PriorityLevel level in _levels.Values)
        {
            if (level.Waiting > 0)
            {
                Dispatch(level);
            }
        }
    }

    private void Dispatch(PriorityLevel level)
    {
        while (level.Waiting > 0 && level.Next() is { } next && HasRoom(level, next.Seats))
        {
            level.Dispatch();
        }
    }

    private bool HasRoom(PriorityLevel level, int seats)
    {
        int wanted = level.Executing + seats - level.Nominal;
        if (wanted <= 0)
        {
            return true;
        }

        if (wanted > level.BorrowingLimit)
        {
            return false;
        }

        int lent = 0;
        foreach (PriorityLevel other in _levels.Values)
        {
            if (!ReferenceEquals(other, level))
            {
                lent += other.Idle - other.Borrowed;
            }
        }

        return wanted <= lent;
    }

    private int SeatsOf(ApiRequest request)
    {
        RequestInfo info = request.Info;
        if (info.Verb != "list" || !registry.TryGet(info.Group, info.Version, info.Resource, out ResourceDefinition? definition) || !definition.Facts.Supports("list"))
        {
            return 1;
        }

        ResourceCache cache = registry.Cache(definition);
        long count = cache.IsReady ? cache.Current.Range(info.ObjectNamespace, null).Count : 0;
        if (long.TryParse(request.Query("limit"), out long limit) && limit > 0)
        {
            count = Math.Min(count, limit);
        }

        return (int)Math.Clamp((count + ObjectsPerSeat - 1) / ObjectsPerSeat, 1, MostSeats);
    }

    private FlowSchema? Find(ApiRequest request)
    {
        foreach (FlowSchema schema in Current())
        {
            if (schema.Matches(request))
            {
                return schema;
            }
        }

        return null;
    }

    /// <summary>The schemas in the order in which they are asked; none until the server has made or read them.</summary>
    private IReadOnlyList<FlowSchema> Current()
    {
        (ResourceCache schemas, ResourceCache levels) = _caches.Value;
        if (!schemas.IsReady || !levels.IsReady)
        {
            return [];
        }

        CacheSnapshot schemaSnapshot = schemas.Current, levelSnapshot = levels.Current;
        Configuration? held = _configuration;
        if (held is not null && ReferenceEquals(held.SchemaSnapshot, schemaSnapshot) && ReferenceEquals(held.LevelSnapshot, levelSnapshot))
        {
            return held.Schemas;
        }

        lock (_gate)
        {
            held = _configuration;
            List<CacheEntry> schemaEntries = EntriesOf(schemaSnapshot), levelEntries = EntriesOf(levelSnapshot);
            // Snapshots also move on with what other resources do.
            IReadOnlyList<FlowSchema> made = held is not null && held.SchemaEntries.SequenceEqual(schemaEntries) && held.LevelEntries.SequenceEqual(levelEntries)
                ? held.Schemas
                : Make(schemaEntries, levelEntries);
            _configuration = new Configuration(schemaSnapshot, levelSnapshot, schemaEntries, levelEntries, made);
            return made;
        }
    }

    private List<FlowSchema> Make(List<CacheEntry> schemas, List<CacheEntry> levels)
    {
        foreach (string name in _levels.Keys.Where(n => !levels.Exists(l => l.Name == n)).ToList())
        {
            // What runs or waits there still holds the level itself and ends by it.
            _levels.Remove(name);
        }

        foreach (CacheEntry entry in levels)
        {
            if (!_levels.TryGetValue(entry.Name, out PriorityLevel? level))
            {
                _levels[entry.Name] = level = new PriorityLevel();
            }

            level.Configure(ResourceRegistry.Parsed(entry));
        }

        long shares = _levels.Values.Sum(l => l.Shares);
        foreach (PriorityLevel level in _levels.Values)
        {
            level.Size(total, shares);
            Dispatch(level);
        }

        var made = new List<FlowSchema>();
        foreach (JsonMap obj in schemas.Select(ResourceRegistry.Parsed))
        {
            if (_levels.TryGetValue(obj.Map("spec")?.Map("priorityLevelConfiguration")?.String("name") ?? "", out PriorityLevel? level))
            {
                made.Add(new FlowSchema(obj, level));
            }
        }

        return [.. made.OrderBy(s => s.Precedence).ThenBy(s => s.Name, StringComparer.Ordinal)];
    }

    private static List<CacheEntry> EntriesOf(CacheSnapshot snapshot)
    {
        var entries = new List<CacheEntry>();
        foreach (CacheEntry entry in snapshot.All)
        {
            entries.Add(entry);
        }

        return entries;
    }

    private sealed record Configuration(
        CacheSnapshot SchemaSnapshot, CacheSnapshot LevelSnapshot, List<CacheEntry> SchemaEntries, List<CacheEntry> LevelEntries, IReadOnlyList<FlowSchema> Schemas);
}
