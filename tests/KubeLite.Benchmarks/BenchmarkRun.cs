using System.Text;
using KubeLite.Benchmarks.Load;
using KubeLite.Benchmarks.Load.Frames;
using KubeLite.Benchmarks.Measures;
using KubeLite.Benchmarks.Reports;
using KubeLite.Benchmarks.Rows;
using KubeLite.Benchmarks.Targets;

namespace KubeLite.Benchmarks;

/// <summary>One round against one server, from the fresh one to the loaded one, with the yardsticks beside it.</summary>
public sealed class BenchmarkRun(Target target, BenchmarkOptions options, ServerFigures figures)
{
    private readonly string _namespace = "benchmark-" + Random.Shared.Next(10_000, 99_999);

    /// <summary>Measures everything that the options name; objects are removed from a server that is not our own.</summary>
    public async Task RunAsync()
    {
        figures.NextRound();
        if (target.Running is { } running)
        {
            using var client = new ServerClient(running);
            if (options.Does(Part.Scale))
            {
                await new BigCluster(client, options, null).MeasureAsync(figures.Add);
            }
            else
            {
                await MeasureAsync(client, null);
            }

            return;
        }

        if (options.Does(Part.Scale))
        {
            await using OwnServer own = await OwnServer.StartAsync(target.Datastore!, target.Programs!);
            await new BigCluster(own.Client, options, own).MeasureAsync(figures.Add);
        }

        if (options.Does(Part.Objects) || options.Does(Part.Lists) || options.Does(Part.Watches) || options.Does(Part.Informers)
            || options.Does(Part.Scheduling))
        {
            await using OwnServer own = await OwnServer.StartAsync(target.Datastore!, target.Programs!);
            figures.Add(new Measurement(Catalog.Start, own.StartToReady.TotalSeconds));
            figures.Add(new Measurement(Catalog.FreshMemory, ProcessFigures.ResidentMegabytes(own.ProcessId)));
            await MeasureAsync(own.Client, own);
        }

        if (options.Does(Part.Up))
        {
            foreach (Measurement measurement in await new IdleCluster(options, target.Datastore!, target.Programs!).MeasureAsync())
            {
                figures.Add(measurement);
            }
        }
    }

    private async Task MeasureAsync(ServerClient client, OwnServer? own)
    {
        await client.ReadAsync(HttpMethod.Post, "/api/v1/namespaces", Text($$$"""{"metadata":{"name":"{{{_namespace}}}"}}"""));
        try
        {
            // Without a controller manager nobody else makes the account that Pods run as.
            await client.SendAsync(
                HttpMethod.Post, $"/api/v1/namespaces/{_namespace}/serviceaccounts", Text("""{"metadata":{"name":"default"}}"""));
            await MeasurePartsAsync(client, own);
        }
        finally
        {
            if (own is null)
            {
                await CleanUpAsync(client);
            }
        }
    }

    private async Task MeasurePartsAsync(ServerClient client, OwnServer? own)
    {
        var single = new SingleObjects(client, options, _namespace);
        await using FrameClient frames = await FrameClient.OpenAsync(client.Access);
        var lists = new Lists(client, frames, options, _namespace);
        await single.WarmUpAsync();
        if (options.Does(Part.Objects) || options.Does(Part.Lists) || options.Does(Part.Informers))
        {
            // What is read, listed and patched is created first.
            await AddAsync(Catalog.Create, own, single.CreatePodsAsync, Measurement.Rate, Catalog.OfWrites(target.Datastore));
        }

        if (options.Does(Part.Objects))
        {
            await AddAsync(Catalog.Get, own, single.GetPodsAsync, Measurement.Rate, Catalog.Empty);
        }

        if (options.Does(Part.Lists))
        {
            await AddAsync(Catalog.List, own, lists.AnyVersionAsync, Measurement.Duration, Catalog.StaticArray);
            await AddAsync(Catalog.ConsistentList, own, lists.ConsistentAsync, Measurement.Duration);
            await AddAsync(Catalog.TableList, own, lists.TableAsync, Measurement.Duration);
            await AddAsync(Catalog.PagedList, own, lists.PagesAsync, Measurement.Duration);
        }

        if (options.Does(Part.Objects))
        {
            await AddAsync(Catalog.PatchStatus, own, single.PatchStatusAsync, Measurement.Rate, Catalog.OfWrites(target.Datastore));
            await AddAsync(Catalog.PatchLease, own, single.PatchLeasesAsync, Measurement.Rate, Catalog.OfWrites(target.Datastore));
        }

        await YardsticksAsync(lists, own);
        if (options.Does(Part.Watches))
        {
            await MeasureWatchesAsync(client);
        }

        if (own is not null && options.Does(Part.Objects) && options.Does(Part.Lists) && options.Does(Part.Watches))
        {
            figures.Add(new Measurement(Catalog.LoadedMemory, ProcessFigures.ResidentMegabytes(own.ProcessId)));
        }

        if (options.Does(Part.Informers))
        {
            foreach (Measurement measurement in await new Informers(client.Access, _namespace).MeasureAsync())
            {
                figures.Add(measurement);
            }
        }

        if (options.Does(Part.Scheduling)
            && await new Scheduling(client, options, _namespace).MeasureAsync(own is null ? null : own.StartScheduler) is { } scheduled)
        {
            figures.Add(scheduled);
        }
    }

    private async Task MeasureWatchesAsync(ServerClient client)
    {
        var fanOut = new WatchFanOut(client, options.Creators, options.Limit);
        Add(await fanOut.MeasureAsync(Catalog.Watch100, Catalog.WatchLag100, _namespace, 100, 1000), null, null);
        Add(await fanOut.MeasureAsync(Catalog.Watch500, Catalog.WatchLag500, _namespace, 500, 500), Catalog.BareFanOut,
            Catalog.BareFanOutLag);

        await using Yardstick yardstick = await Yardstick.StartAsync([]);
        var bare = new WatchFanOut(yardstick.Client, options.Creators, options.Limit);
        Task<(Measurement Delivered, Measurement Lag)> BareAsync(int watchers, int events) =>
            bare.MeasureBareAsync(Catalog.BareFanOut, Catalog.BareFanOutLag, Yardstick.Events, fanOut.BytesPerEvent, watchers, events);
        await BareAsync(100, 1000);
        Add(await BareAsync(500, 500), null, null);
    }

    private void Add((Measurement Delivered, Measurement Lag) both, Row? ofDelivered, Row? ofLag)
    {
        figures.Add(both.Delivered with { Yardstick = ofDelivered });
        figures.Add(both.Lag with { Yardstick = ofLag });
    }

    private async Task AddAsync(
        Row row, OwnServer? own, Func<Task<LoadResult>> load, Func<Row, LoadResult, Measurement> figure, Row? yardstick = null)
    {
        double before = own is null ? 0 : ProcessFigures.CpuSeconds(own.ProcessId);
        LoadResult result = await load();
        double? used = own is null ? null : ProcessFigures.CpuSeconds(own.ProcessId) - before;
        figures.Add(figure(row, result) with { ServerCpu = used * 1e6 / Math.Max(1, result.Count), Yardstick = yardstick });
    }

    private async Task YardsticksAsync(Lists lists, OwnServer? own)
    {
        if (!options.Does(Part.Objects) && !options.Does(Part.Lists))
        {
            return;
        }

        await using (Yardstick yardstick = await Yardstick.StartAsync(await lists.BytesAsync()))
        {
            await using FrameClient frames = await FrameClient.OpenAsync(yardstick.Client.Access);
            Task<LoadResult> EmptyAsync(int count) => LoadGenerator.RunAsync(
                count, BenchmarkOptions.AtOnce, options.Limit, _ => yardstick.Client.SendAsync(HttpMethod.Get, Yardstick.Empty));
            Task<LoadResult> ArrayAsync(int count) => LoadGenerator.RunAsync(
                count, 2, options.Limit, _ => frames.ReadAsync(Yardstick.Array));

            // The server under test is warm by now; so must be what it is compared with.
            await EmptyAsync(options.Requests);
            await ArrayAsync(5);
            figures.Add(Measurement.Rate(Catalog.Empty, await EmptyAsync(options.Requests)));
            figures.Add(Measurement.Duration(Catalog.StaticArray, await ArrayAsync(20)));
        }

        if (own?.Etcd is { } etcd)
        {
            figures.Add(Measurement.Rate(Catalog.Puts, await EtcdPuts.MeasureAsync(etcd, options)));
        }
        else if (own is not null && target.Datastore == "sqlite")
        {
            figures.Add(Measurement.Rate(Catalog.Commits, await Task.Run(() => SqliteCommits.Measure(own.Folder, options))));
        }
    }

    private async Task CleanUpAsync(ServerClient client)
    {
        await new Scheduling(client, options, _namespace).CleanUpAsync();
        await client.SendAsync(HttpMethod.Delete, $"/api/v1/namespaces/{_namespace}/pods?gracePeriodSeconds=0");
        await client.SendAsync(HttpMethod.Delete, $"/api/v1/namespaces/{_namespace}/configmaps");
        await client.SendAsync(HttpMethod.Delete, $"/api/v1/namespaces/{_namespace}");
    }

    private static byte[] Text(string json) => Encoding.UTF8.GetBytes(json);
}
