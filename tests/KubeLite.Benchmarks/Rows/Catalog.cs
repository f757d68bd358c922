namespace KubeLite.Benchmarks.Rows;

/// <summary>Every row that a run may report, in the order of the report, with Kubernetes' figures (v1.36.2, API server, etcd and load
/// generator on the same two cores).</summary>
public static class Catalog
{
    /// <summary>From the start of the process to ok from /readyz.</summary>
    public static readonly Row Start = new("API server: start to ready", "s")
    {
        LessIsBetter = true,
        Kubernetes = 2.3,
        Goal = new() { Bound = 0.5 },
    };

    /// <summary>Resident memory of the server that has done nothing yet.</summary>
    public static readonly Row FreshMemory = new("API server: memory, fresh", "MB") { LessIsBetter = true, Kubernetes = 288 };

    /// <summary>Creates of Pods.</summary>
    public static readonly Row Create = new("create a Pod, 32 at once", "/s")
    {
        Kubernetes = 880,
        Goal = new() { TimesKubernetes = 2.5 },
        GoalOnSqlite = new() { TimesKubernetes = 4 },
    };

    /// <summary>Reads of single Pods.</summary>
    public static readonly Row Get = new("get a Pod, 32 at once", "/s")
    {
        Kubernetes = 3000,
        Goal = new() { TimesKubernetes = 4, OfYardstick = 0.6 },
    };

    /// <summary>As informers begin.</summary>
    public static readonly Row List = new("list all Pods, resourceVersion=0, 2 at once", "ms")
    {
        LessIsBetter = true,
        Kubernetes = 450,
        Goal = new() { TimesKubernetes = 15, OfYardstick = 0.5 },
    };

    /// <summary>As kubectl lists by label.</summary>
    public static readonly Row ConsistentList = new("list all Pods by label, consistent", "ms")
    {
        LessIsBetter = true,
        Kubernetes = 430,
        Goal = new() { TimesKubernetes = 10 },
    };

    /// <summary>As kubectl get prints.</summary>
    public static readonly Row TableList = new("list all Pods as a Table", "ms") { LessIsBetter = true, Goal = new() { Bound = 43 } };

    /// <summary>As kubectl walks.</summary>
    public static readonly Row PagedList = new("walk all Pods in pages of 500", "ms")
    {
        LessIsBetter = true,
        Kubernetes = 900,
        Goal = new() { TimesKubernetes = 10 },
    };

    /// <summary>As kubelets tell a Pod's status.</summary>
    public static readonly Row PatchStatus = new(
        "strategic merge patch of a Pod's status, 32 at once", "/s")
    {
        Kubernetes = 565,
        Goal = new() { TimesKubernetes = 4 }
    };

    /// <summary>As kubelets renew Leases.</summary>
    public static readonly Row PatchLease = new("merge patch of a Lease, 32 at once", "/s") { Kubernetes = 1060 };

    /// <summary>Events that 100 watchers receive.</summary>
    public static readonly Row Watch100 = new("100 watchers: events delivered", "/s") { Kubernetes = 51_000 };

    /// <summary>From the sending of the request to the arrival of its event at each of 100 watchers.</summary>
    public static readonly Row WatchLag100 = new("100 watchers: lag, p99", "ms") { LessIsBetter = true, Kubernetes = 50 };

    /// <summary>Events that 500 watchers receive.</summary>
    public static readonly Row Watch500 = new("500 watchers: events delivered", "/s")
    {
        Kubernetes = 68_000,
        Goal = new() { TimesKubernetes = 6 },
    };

    /// <summary>From the sending of the request to the arrival of its event at each of 500 watchers.</summary>
    public static readonly Row WatchLag500 = new("500 watchers: lag, p99", "ms")
    {
        LessIsBetter = true,
        Kubernetes = 190,
        Goal = new() { Bound = 20 },
    };

    /// <summary>How long a client's informer takes from nothing to all Pods.</summary>
    public static readonly Row Informer = new("informer of all Pods: from nothing to synced", "ms") { LessIsBetter = true };

    /// <summary>What it then holds, in the client.</summary>
    public static readonly Row InformerMemory = new("informer of all Pods: memory for each", "KB") { LessIsBetter = true };

    /// <summary>Resident memory of the server after all of the above.</summary>
    public static readonly Row LoadedMemory = new("API server: memory after all that", "MB")
    {
        LessIsBetter = true,
        Kubernetes = 740,
        Goal = new() { TimesKubernetes = 4 },
    };

    /// <summary>Pods bound a second, from the first to the last.</summary>
    public static readonly Row Schedule = new("Pods scheduled", "/s") { Kubernetes = 320, Goal = new() { TimesKubernetes = 3 } };

    /// <summary>From the start of the process to all nodes Ready.</summary>
    public static readonly Row UpStart = new("up, 3 nodes: start to all nodes Ready", "s")
    {
        LessIsBetter = true,
        Goal = new() { Bound = 1 },
    };

    /// <summary>CPU of the whole idle cluster; Kubernetes' is of API server, controller manager, scheduler and etcd.</summary>
    public static readonly Row UpCpu = new("up, idle: CPU of one core", "%")
    {
        LessIsBetter = true,
        Kubernetes = 3,
        Goal = new() { Bound = 1 },
    };

    /// <summary>How often a thread of the whole idle cluster goes back to sleep.</summary>
    public static readonly Row UpWakeUps = new("up, idle: wake-ups", "/s") { LessIsBetter = true };

    /// <summary>Resident memory of the whole idle cluster.</summary>
    public static readonly Row UpMemory = new("up, idle: memory", "MB")
    {
        LessIsBetter = true,
        Kubernetes = 522,
        Goal = new() { Bound = 150 },
    };

    /// <summary>Proportional memory of the whole idle cluster: pages that it shares with other processes count in part.</summary>
    public static readonly Row UpProportionalMemory = new("up, idle: memory, shared pages in part", "MB") { LessIsBetter = true };

    /// <summary>Creates of the Pods that a big cluster holds.</summary>
    public static readonly Row ScaleFill = new("big cluster: Pods created, 32 at once", "/s");

    /// <summary>Resident memory of the server that holds a big cluster.</summary>
    public static readonly Row ScaleMemory = new("big cluster: memory of the API server", "MB") { LessIsBetter = true };

    /// <summary>Resident memory of the etcd that holds a big cluster.</summary>
    public static readonly Row ScaleEtcdMemory = new("big cluster: memory of etcd", "MB") { LessIsBetter = true };

    /// <summary>Updates of Leases that were done a second; a tenth of the Nodes are due.</summary>
    public static readonly Row ScaleLeases = new("big cluster: Leases renewed", "/s");

    /// <summary>Duration of an update of a Lease, from when it was due.</summary>
    public static readonly Row ScaleLeaseP99 = new("big cluster: renewing a Lease, p99", "ms")
    {
        LessIsBetter = true,
        Goal = new() { Bound = 1000 },
    };

    /// <summary>Duration of a patch of a Node's status, from when it was due.</summary>
    public static readonly Row ScaleNodeStatusP99 = new(
        "big cluster: patch of a Node's status, p99", "ms")
    {
        LessIsBetter = true,
        Goal = new() { Bound = 1000 }
    };

    /// <summary>Duration of a read of a Pod while heartbeats go on.</summary>
    public static readonly Row ScaleGetP99 = new("big cluster: get of a Pod, p99", "ms")
    {
        LessIsBetter = true,
        Goal = new() { Bound = 1000 },
    };

    /// <summary>Duration of a create of a Pod while heartbeats go on.</summary>
    public static readonly Row ScaleCreateP99 = new("big cluster: create of a Pod, p99", "ms")
    {
        LessIsBetter = true,
        Goal = new() { Bound = 1000 },
    };

    /// <summary>Duration of a patch of a Pod's status while heartbeats go on.</summary>
    public static readonly Row ScalePatchP99 = new(
        "big cluster: patch of a Pod's status, p99", "ms")
    {
        LessIsBetter = true,
        Goal = new() { Bound = 1000 }
    };

    /// <summary>Duration of a delete of a Pod while heartbeats go on.</summary>
    public static readonly Row ScaleDeleteP99 = new("big cluster: delete of a Pod, p99", "ms")
    {
        LessIsBetter = true,
        Goal = new() { Bound = 1000 },
    };

    /// <summary>Duration of a list of the Pods of one Node while heartbeats go on.</summary>
    public static readonly Row ScaleNodeListP99 = new("big cluster: list of the Pods of a Node, p99", "ms") { LessIsBetter = true };

    /// <summary>CPU of the server while heartbeats and single calls go on.</summary>
    public static readonly Row ScaleCpu = new("big cluster: CPU of one core, API server", "%") { LessIsBetter = true };

    /// <summary>Resident memory of the server after the heartbeats.</summary>
    public static readonly Row ScaleBusyMemory = new("big cluster: memory of the API server, after", "MB") { LessIsBetter = true };

    /// <summary>Resident memory of the etcd after the heartbeats.</summary>
    public static readonly Row ScaleBusyEtcdMemory = new("big cluster: memory of etcd, after", "MB") { LessIsBetter = true };

    /// <summary>From the start of the process to ok from /readyz on the store of a big cluster.</summary>
    public static readonly Row ScaleRestart = new("big cluster: API server, start to ready", "s") { LessIsBetter = true };

    /// <summary>The first list of the Pods of one Node, with which the server may fill its cache.</summary>
    public static readonly Row ScaleFirstList = new("big cluster: first list of the Pods of a Node", "s") { LessIsBetter = true };

    /// <summary>The same after the restart.</summary>
    public static readonly Row ScaleRestartList = new(
        "big cluster: first list of the Pods of a Node after the restart", "s")
    {
        LessIsBetter = true
    };

    /// <summary>An endpoint that answers nothing.</summary>
    public static readonly Row Empty = new("yardstick: empty Kestrel endpoint, 32 at once", "/s");

    /// <summary>The bytes of the list from one array.</summary>
    public static readonly Row StaticArray = new("yardstick: the same list as one array, 2 at once", "ms") { LessIsBetter = true };

    /// <summary>As many bytes as the events have, sent by an endpoint that does nothing else.</summary>
    public static readonly Row BareFanOut = new("yardstick: 500 responses of Kestrel with the same bytes: delivered", "/s");

    /// <summary>The lag of these.</summary>
    public static readonly Row BareFanOutLag = new(
        "yardstick: 500 responses of Kestrel with the same bytes: lag, p99", "ms")
    {
        LessIsBetter = true
    };

    /// <summary>The same Pods as models of the official client.</summary>
    public static readonly Row Models = new("yardstick: the same Pods by KubernetesClient: listed", "ms") { LessIsBetter = true };

    /// <summary>What these hold.</summary>
    public static readonly Row ModelsMemory = new("yardstick: the same Pods by KubernetesClient: memory for each", "KB")
    {
        LessIsBetter = true,
    };

    /// <summary>Writes to the same etcd with nothing in between.</summary>
    public static readonly Row Puts = new("yardstick: raw puts of 2,000 B to the same etcd, 32 at once", "/s");

    /// <summary>Writes to a SQLite file of the same disk with nothing in between.</summary>
    public static readonly Row Commits = new("yardstick: rows of 2,000 B in SQLite, 32 a durable commit", "/s");

    /// <summary>The yardstick of writes on a store; null for a server whose store is unknown.</summary>
    public static Row? OfWrites(string? datastore) => datastore switch
    {
        "etcd" => Puts,
        "sqlite" => Commits,
        "memory" => Empty,
        _ => null,
    };
}
