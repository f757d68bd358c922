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
public sealed class FlowController
{
    private const string Group = "flowcontrol.apiserver.k8s.io";

    private static readonly TimeSpan s_mostPatience = TimeSpan.FromMinutes(1);

    private readonly WatchTracker _watches = new();
    private readonly WorkEstimator _estimator;
    private readonly int _total;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, PriorityLevel> _levels = new(StringComparer.Ordinal);
    private readonly Lazy<(ResourceCache Schemas, ResourceCache Levels)> _caches;
    private volatile Configuration? _configuration;

    /// <summary>One that shares out seats.</summary>
    /// <param name="registry">Where the objects are.</param>
    /// <param name="total">The seats of all levels together.</param>
    /// <param name="patience">How long a request without a deadline may wait in a queue; a quarter of its time otherwise, and
    /// never longer than a minute.</param>
    /// <param name="time">The clock.</param>
    public FlowController(ResourceRegistry registry, int total, TimeSpan patience, TimeProvider time)
    {
        _total = total;
        _patience = patience;
        _time = time;
        _estimator = new WorkEstimator(registry, _watches, time);
        _caches = new(() => (registry.Cache(Group, "flowschemas"), registry.Cache(Group, "prioritylevelconfigurations")));
    }

    /// <summary>Lets a request in, at once or when its turn has come; the answer's headers say at which level.</summary>
    /// <returns>The ticket to give back; null where the request is turned away.</returns>
    public ValueTask<FlowTicket?> EnterAsync(ApiRequest request)
    {
        bool watch = request.Info.Verb == "watch";
        if ((LongRunning.Is(request.Info) && !watch) || Find(request) is not { } schema)
        {
            return new(default(FlowTicket));
        }

        PriorityLevel level = schema.Level;
        request.Http.Response.Headers["X-Kubernetes-PF-FlowSchema-UID"] = schema.Uid;
        request.Http.Response.Headers["X-Kubernetes-PF-PriorityLevel-UID"] = level.Uid;
        if (!watch)
        {
            return level.Exempt ? new(default(FlowTicket)) : SeatAsync(request, schema, level);
        }

        return WatchAsync(request, schema);
    }

    /// <summary>A watch that was let in has ended, and is counted no more. Its seats it gave back when it had begun.</summary>
    public void Forget(ApiRequest request) => _watches.Forget(request);

    /// <summary>Lets a request out, and others in.</summary>
    public void Leave(FlowTicket ticket)
    {
        if (ticket.Level is not { } level)
        {
            return;
        }

        lock (_gate)
        {
            if (ticket.Queue is not null)
            {
                PriorityLevel.Account(ticket.Queue, ticket.Work, _time.GetElapsedTime(ticket.Started));
            }

            if (ticket.Work.AdditionalLatency <= TimeSpan.Zero)
            {
                Release(level, ticket.Work.MaxSeats);
                return;
            }
        }

        // Those who watch are still being told; the client needn't wait for that.
        _ = new Lingering(this, level, ticket.Work);
    }

    /// <summary>How each level stands.</summary>
    public IReadOnlyList<FlowLevelState> Describe()
    {
        lock (_gate)
        {
            return [.. _levels.Select(
                l => new FlowLevelState(l.Key, l.Value.Nominal, l.Value.Executing, l.Value.Waiting, l.Value.Rejected))];
        }
    }

    private async ValueTask<FlowTicket?> WatchAsync(ApiRequest request, FlowSchema schema)
    {
        FlowTicket? ticket = schema.Level.Exempt ? default(FlowTicket) : await SeatAsync(request, schema, schema.Level);
        if (ticket is not { } counted)
        {
            return null;
        }

        _watches.Add(request);
        return counted with { IsWatch = true };
    }

    private async ValueTask<FlowTicket?> SeatAsync(ApiRequest request, FlowSchema schema, PriorityLevel level)
    {
        WorkEstimate work = _estimator.Of(request, level.MostSeatsOfOne);
        FlowQueue queue;
        FlowQueue.Waiter waiter;
        lock (_gate)
        {
            work = work.Within(Math.Max(1, level.Nominal));
            if (level.Waiting == 0 && HasRoom(level, work.MaxSeats))
            {
                level.Executing += work.MaxSeats;
                return new FlowTicket(level, work, null, 0);
            }

            if (level.Enqueue(schema.FlowOf(request), work.MaxSeats) is not { } place)
            {
                TurnAway(request, level);
                return null;
            }

            (queue, waiter) = place;
        }

        try
        {
            await waiter.Turn.Task.WaitAsync(PatienceFor(request), _time, request.Aborted);
            return new FlowTicket(level, work, queue, _time.GetTimestamp());
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            Withdraw(request, level, queue, waiter);
            if (e is OperationCanceledException)
            {
                throw;
            }

            return null;
        }
    }

    /// <summary>What is left of a quarter of the time that the request has.</summary>
    private TimeSpan PatienceFor(ApiRequest request)
    {
        TimeSpan whole = request.TimeLimit / 4 ?? _patience;
        TimeSpan left = (whole < s_mostPatience ? whole : s_mostPatience) - (_time.GetUtcNow() - request.Now);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private void TurnAway(ApiRequest request, PriorityLevel level)
    {
        level.Rejected++;
        level.Dropped.Add(_time.GetUtcNow());
        request.Http.Response.Headers.RetryAfter = level.Dropped.RetryAfter.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private void Release(PriorityLevel level, int seats)
    {
        level.Executing -= seats;
        DispatchAll(level);
    }

    private void Withdraw(ApiRequest request, PriorityLevel level, FlowQueue queue, FlowQueue.Waiter waiter)
    {
        lock (_gate)
        {
            if (!waiter.Dispatched)
            {
                TurnAway(request, level);
                level.Withdraw(queue, waiter);
                return;
            }

            // Its turn came at the moment it gave up.
            Release(level, waiter.Seats);
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
            IReadOnlyList<FlowSchema> made = held is not null && held.SchemaEntries.SequenceEqual(schemaEntries)
                && held.LevelEntries.SequenceEqual(levelEntries)
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
            level.Size(_total, shares);
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
        CacheSnapshot SchemaSnapshot, CacheSnapshot LevelSnapshot, List<CacheEntry> SchemaEntries, List<CacheEntry> LevelEntries,
        IReadOnlyList<FlowSchema> Schemas);

    /// <summary>Seats that are held for a while after their request; its timer keeps it alive.</summary>
    private sealed class Lingering
    {
        private readonly FlowController _controller;
        private readonly PriorityLevel _level;
        private readonly int _seats;
        private readonly ITimer _timer;

        public Lingering(FlowController controller, PriorityLevel level, WorkEstimate work)
        {
            (_controller, _level, _seats) = (controller, level, work.MaxSeats);
            _timer = controller._time.CreateTimer(
                static state => ((Lingering)state!).End(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(work.AdditionalLatency, Timeout.InfiniteTimeSpan);
        }

        private void End()
        {
            _timer.Dispose();
            lock (_controller._gate)
            {
                _controller.Release(_level, _seats);
            }
        }
    }
}
