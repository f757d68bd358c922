using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using Xunit;
using static KubeLite.ControllerManager.Tests.ControllerHarness;

namespace KubeLite.ControllerManager.Tests.Jobs;

public sealed class JobControllerTests : IAsyncLifetime
{
    private ControllerHarness _h = null!;

    public async Task InitializeAsync() => _h = await ControllerHarness.StartAsync("job-controller", "ttl-after-finished-controller");

    public async Task DisposeAsync() => await _h.DisposeAsync();

    private static V1Job Job(Action<V1JobSpec> change)
    {
        var spec = new V1JobSpec
        {
            Parallelism = 1,
            Completions = 1,
            BackoffLimit = 6,
            CompletionMode = "NonIndexed",
            Selector = Selector,
            Template = Template(),
            Suspend = false,
        };
        spec.Template.Spec.RestartPolicy = "Never";
        change(spec);
        return new V1Job { Metadata = Meta("x"), Spec = spec };
    }

    private V1JobStatus? Status => _h.Server.Find<V1Job>("ns", "x")?.Status;

    private string Conditions => string.Join(",", Status?.Conditions?.Select(c => $"{c.Type}={c.Status}:{c.Reason}") ?? []);

    private async Task StartAsync(Action<V1JobSpec> change, int pods)
    {
        await _h.Client.CreateAsync(Job(change), default);
        await _h.UntilAsync(() => _h.Pods.Count == pods && (Status?.Active ?? 0) == pods, $"{pods} Pods are there");
    }

    [Fact]
    public async Task AllPodsSucceed_IsComplete()
    {
        await StartAsync(s => (s.Completions, s.Parallelism) = (2, 2), 2);
        Assert.All(_h.Pods, p => Assert.Contains("batch.kubernetes.io/job-tracking", p.Metadata.Finalizers));
        await _h.EndAsync(_h.Pods, 0);
        await _h.UntilAsync(
            () => Conditions == "SuccessCriteriaMet=True:CompletionsReached,Complete=True:CompletionsReached", "it is complete");
        Assert.Equal(2, Status!.Succeeded);
        Assert.NotNull(Status.CompletionTime);
        Assert.Equal((0, 0), (Status.Ready, Status.Terminating));
        Assert.All(_h.Pods, p => Assert.True(p.Metadata.Finalizers is not { Count: > 0 }));
    }

    [Fact]
    public async Task Indexed_EveryIndexOnce()
    {
        await StartAsync(s => (s.Completions, s.Parallelism, s.CompletionMode) = (3, 3, "Indexed"), 3);
        Assert.Equal(["0", "1", "2"], _h.Pods.Select(p => p.Metadata.Annotations["batch.kubernetes.io/job-completion-index"]).Order());
        Assert.Equal("x-0", _h.Pods.Single(p => p.Metadata.Labels["batch.kubernetes.io/job-completion-index"] == "0").Spec.Hostname);
        Assert.Equal("JOB_COMPLETION_INDEX", _h.Pods[0].Spec.Containers[0].Env[0].Name);
        await _h.EndAsync(_h.Pods, 0);
        await _h.UntilAsync(
            () => Status?.CompletedIndexes == "0-2" && Conditions.Contains("Complete=True", StringComparison.Ordinal), "it is complete");
    }

    [Fact]
    public async Task PodFails_LimitIsZero_Fails()
    {
        await StartAsync(s => s.BackoffLimit = 0, 1);
        await _h.EndAsync(_h.Pods, 3);
        await _h.UntilAsync(() => Status?.Failed == 1, "it is counted");
        Assert.Equal("FailureTarget=True:BackoffLimitExceeded,Failed=True:BackoffLimitExceeded", Conditions);
        Assert.Equal("Job has reached the specified backoff limit", Status!.Conditions[0].Message);
    }

    [Fact]
    public async Task PodFails_WithinLimit_IsReplaced()
    {
        await StartAsync(static _ => { }, 1);
        await _h.EndAsync(_h.Pods, 1);
        await _h.UntilAsync(() => _h.Pods.Count == 2 && Status is { Failed: 1, Active: 1 }, "another runs");
    }

    [Fact]
    public async Task FailurePolicy_ExitCodeMatches_FailsWithItsMessage()
    {
        await StartAsync(s => s.PodFailurePolicy = new V1PodFailurePolicy
        {
            Rules = [
                new V1PodFailurePolicyRule
                {
                    Action = "FailJob",
                    OnExitCodes = new V1PodFailurePolicyOnExitCodesRequirement
                    {
                        ContainerName = "c",
                        OperatorProperty = "In",
                        Values = [42],
                    },
                },
            ],
        }, 1);
        var pod = _h.Pods[0].Metadata.Name;
        await _h.EndAsync(_h.Pods, 42);
        await _h.UntilAsync(() => Conditions == "FailureTarget=True:PodFailurePolicy,Failed=True:PodFailurePolicy", "it fails");
        Assert.Equal(
            $"Container c for pod ns/{pod} failed with exit code 42 matching FailJob rule at index 0", Status!.Conditions[1].Message);
    }

    [Fact]
    public async Task FailurePolicy_Ignore_DoesNotCount()
    {
        await StartAsync(s =>
        {
            s.BackoffLimit = 0;
            s.PodFailurePolicy = new V1PodFailurePolicy
            {
                Rules = [
                    new V1PodFailurePolicyRule
                    {
                        Action = "Ignore",
                        OnExitCodes = new V1PodFailurePolicyOnExitCodesRequirement { OperatorProperty = "In", Values = [42] },
                    },
                ],
            };
        }, 1);
        await _h.EndAsync(_h.Pods, 42);
        await _h.UntilAsync(() => _h.Pods.Count == 2, "another runs");
        Assert.Null(Status!.Failed);
        Assert.Equal("", Conditions);
    }

    [Fact]
    public async Task Deadline_Passes_PodsGoAndItFails()
    {
        await StartAsync(s => s.ActiveDeadlineSeconds = 1, 1);
        await _h.UntilAsync(() => Conditions == "FailureTarget=True:DeadlineExceeded,Failed=True:DeadlineExceeded", "it fails");
        Assert.Equal(1, Status!.Failed);
        Assert.Empty(_h.Pods);
    }

    [Fact]
    public async Task SuspendedThenResumed_RunsThen()
    {
        await _h.Client.CreateAsync(Job(static s => s.Suspend = true), default);
        await _h.UntilAsync(() => Conditions == "Suspended=True:JobSuspended", "it is suspended");
        Assert.Null(Status!.StartTime);
        await _h.Client.PatchAsync<V1Job>("ns", "x", PatchFormat.Merge, new { spec = new { suspend = false } }, WriteOptions.None, default);
        await _h.UntilAsync(() => Status!.Active == 1 && Conditions == "Suspended=False:JobResumed", "it runs");
        Assert.NotNull(Status!.StartTime);
    }

    [Fact]
    public async Task BackoffLimitPerIndex_IndexFails_OthersGoOn()
    {
        await StartAsync(
            s => (s.Completions, s.Parallelism, s.CompletionMode, s.BackoffLimitPerIndex, s.BackoffLimit) =
                (2, 2, "Indexed", 0, int.MaxValue),
            2);
        await _h.EndAsync(_h.Pods.Where(p => p.Metadata.Annotations["batch.kubernetes.io/job-completion-index"] == "1"), 1);
        await _h.UntilAsync(() => Status?.FailedIndexes == "1", "the index is given up");
        await _h.EndAsync(_h.Pods.Where(p => p.Metadata.Annotations["batch.kubernetes.io/job-completion-index"] == "0"), 0);
        await _h.UntilAsync(() => Conditions == "FailureTarget=True:FailedIndexes,Failed=True:FailedIndexes", "it fails");
        Assert.Equal("0", Status!.CompletedIndexes);
    }

    [Fact]
    public async Task SuccessPolicy_RuleMet_OthersAreStopped()
    {
        await StartAsync(s =>
        {
            (s.Completions, s.Parallelism, s.CompletionMode) = (3, 3, "Indexed");
            s.SuccessPolicy = new V1SuccessPolicy { Rules = [new V1SuccessPolicyRule { SucceededIndexes = "0" }] };
        }, 3);
        await _h.EndAsync(_h.Pods.Where(p => p.Metadata.Annotations["batch.kubernetes.io/job-completion-index"] == "0"), 0);
        await _h.UntilAsync(() => Conditions == "SuccessCriteriaMet=True:SuccessPolicy,Complete=True:SuccessPolicy", "it is complete");
        Assert.Equal("Matched rules at index 0", Status!.Conditions[0].Message);
        Assert.Single(_h.Pods);
    }

    [Fact]
    public async Task TtlAfterFinished_Passes_JobGoes()
    {
        await StartAsync(static s => s.TtlSecondsAfterFinished = 1, 1);
        await _h.EndAsync(_h.Pods, 0);
        await _h.UntilAsync(() => _h.Server.Find<V1Job>("ns", "x")?.Metadata is null or { DeletionTimestamp: not null }, "it is deleted");
    }

    [Fact]
    public async Task JobDeleted_PodsAreLetGo()
    {
        await StartAsync(static _ => { }, 1);
        await _h.Client.DeleteAsync<V1Job>("ns", "x", null, default);
        await _h.Client.DeleteAsync<V1Pod>("ns", _h.Pods[0].Metadata.Name, null, default);
        await _h.UntilAsync(() => _h.Pods.Count == 0, "the Pod is gone");
    }
}
