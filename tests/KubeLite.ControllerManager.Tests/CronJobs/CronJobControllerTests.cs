using k8s.Models;
using KubeLite.ControllerRuntime.Tests.ApiFake;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static KubeLite.ControllerManager.Tests.ControllerHarness;

namespace KubeLite.ControllerManager.Tests.CronJobs;

public sealed class CronJobControllerTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2024, 1, 1, 12, 0, 30, TimeSpan.Zero));

    private static V1CronJob Cron(string concurrency = "Allow") => new()
    {
        Metadata = Meta("x"),
        Spec = new V1CronJobSpec
        {
            Schedule = "* * * * *",
            ConcurrencyPolicy = concurrency,
            SuccessfulJobsHistoryLimit = 1,
            FailedJobsHistoryLimit = 1,
            JobTemplate = new V1JobTemplateSpec
            {
                Metadata = new V1ObjectMeta { Labels = Labels },
                Spec = new V1JobSpec { Template = Template() },
            },
        },
    };

    // The controller starts when the schedule has come due, as after a restart.
    private async Task<ControllerHarness> StartDueAsync(V1CronJob cron, params V1Job[] jobs)
    {
        var server = await FakeApiServer.StartAsync(_time);
        using var client = new ControllerRuntime.Client.ApiClient(server.ClientOptions, TimeProvider.System);
        var stored = await client.CreateAsync(cron, default);
        foreach (var job in jobs)
        {
            job.Metadata.OwnerReferences = [ControllerRuntime.Objects.OwnerReferences.NewController(stored, "batch/v1", "CronJob")];
            var created = await client.CreateAsync(job, default);
            stored.Status ??= new V1CronJobStatus { Active = [] };
            if (job.Status is null)
            {
                stored.Status.Active.Add(new V1ObjectReference
                {
                    Kind = "Job",
                    Name = created.Metadata.Name,
                    NamespaceProperty = "ns",
                    Uid = created.Metadata.Uid,
                });
            }
        }
        await client.UpdateStatusAsync(stored, default);
        _time.Advance(TimeSpan.FromSeconds(40));
        return await StartAsync(server, o => o with { Time = _time }, "cronjob-controller");
    }

    private static List<V1Job> Jobs(ControllerHarness h) => h.Server.List<V1Job>("ns");

    private static V1CronJobStatus? Status(ControllerHarness h) => h.Server.Find<V1CronJob>("ns", "x")?.Status;

    [Fact]
    public async Task Due_JobIsCreatedOnceAndActive()
    {
        await using var h = await StartDueAsync(Cron());
        await h.UntilAsync(() => Status(h)?.Active is { Count: 1 }, "it is active");
        var job = Assert.Single(Jobs(h));
        Assert.Equal(
            "x-" + (long)(new DateTime(2024, 1, 1, 12, 1, 0, DateTimeKind.Utc) - DateTime.UnixEpoch).TotalMinutes, job.Metadata.Name);
        Assert.Equal("2024-01-01T12:01:00Z", job.Metadata.Annotations["batch.kubernetes.io/cronjob-scheduled-timestamp"]);
        Assert.Equal("a", job.Metadata.Labels["app"]);
        Assert.Equal(new DateTime(2024, 1, 1, 12, 1, 0, DateTimeKind.Utc), Status(h)!.LastScheduleTime);
    }

    [Fact]
    public async Task Forbid_WhileOneRuns_NoneIsCreated()
    {
        await using var h = await StartDueAsync(
            Cron("Forbid"), new V1Job { Metadata = Meta("old"), Spec = new V1JobSpec { Template = Template() } });
        await h.UntilAsync(() => h.Server.List<Corev1Event>("ns").Any(e => e.Reason == "JobAlreadyActive"), "it says why");
        Assert.Equal(["old"], Jobs(h).Select(j => j.Metadata.Name));
    }

    [Fact]
    public async Task Replace_WhileOneRuns_ItIsReplaced()
    {
        await using var h = await StartDueAsync(
            Cron("Replace"), new V1Job { Metadata = Meta("old"), Spec = new V1JobSpec { Template = Template() } });
        await h.UntilAsync(() => Jobs(h) is [{ Metadata.Name: not "old" }] && Status(h)?.Active is { Count: 1 }, "the new one runs");
    }

    [Fact]
    public async Task History_BeyondLimit_OldestGoes()
    {
        V1Job Done(string name, int minute) => new()
        {
            Metadata = Meta(name),
            Spec = new V1JobSpec { Template = Template() },
            Status = new V1JobStatus
            {
                StartTime = new DateTime(2024, 1, 1, 11, minute, 0, DateTimeKind.Utc),
                CompletionTime = new DateTime(2024, 1, 1, 11, minute, 30, DateTimeKind.Utc),
                Conditions = [new V1JobCondition { Type = "Complete", Status = "True" }],
            },
        };
        await using var h = await StartDueAsync(Cron(), Done("first", 1), Done("second", 2));
        await h.UntilAsync(
            () => Jobs(h).All(j => j.Metadata.Name != "first") && Status(h)?.LastSuccessfulTime is not null, "the first is gone");
        Assert.Contains(Jobs(h), j => j.Metadata.Name == "second");
        Assert.Equal(new DateTime(2024, 1, 1, 11, 2, 30, DateTimeKind.Utc), Status(h)!.LastSuccessfulTime);
    }
}
