using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Xunit;
using Xunit.Abstractions;

namespace KubeLite.System.Tests;

/// <summary>SIGKILL at random instants while kubectl applies: nothing acknowledged is lost, every controller converges.</summary>
[Trait("Needs", "kubectl, etcd")]
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Objects = 1000, Chunk = 25, Replicas = 3;

    /// <summary>Who is killed, one after the other; null for all at once, as when the power fails.</summary>
    private static readonly string?[] s_victims =
        ["kubelite-apiserver", "kubelite-scheduler", "kubelite-controller-manager", "kubelite-kubelet", null];

    private readonly ApplyHistory _history = new();
    private int _next;

    [SkippableTheory]
    [InlineData("sqlite")]
    [InlineData("etcd")]
    public async Task Kill_OfEachProcessWhileKubectlApplies_LosesNothingAcknowledged(string datastore)
    {
        string? program = Kubectl.Newest() ?? Kubectl.Debian();
        Skip.If(program is null, "no kubectl here: the test command fetches it");
        int seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using TestCluster cluster = await TestCluster.StartAsync(datastore, processes: true);
        var kubectl = new Kubectl(program, cluster.Kubeconfig, cluster.Folder);
        await kubectl.RunAsync("create namespace kill");
        long revision = 0;
        for (int round = 0; round < s_victims.Length; round++)
        {
            string victim = s_victims[round] ?? "everything";
            await ApplyWhileKilledAsync(cluster, kubectl, round, random);
            await cluster.RestartAsync();
            string when = $"seed {seed}, {datastore}, after the kill of {victim}";
            output.WriteLine($"{when}: {_history.Created} acknowledged");
            _history.Check(await HeldAsync(kubectl), when);
            long now = await RevisionAsync(kubectl);
            Assert.True(now >= revision, $"{when}: the revision went back from {revision} to {now}");
            revision = now;
        }

        while (_next < Objects / Chunk)
        {
            Assert.True(await ApplyNextAsync(kubectl), "an apply fails although nobody was killed");
        }

        string held = await HeldAsync(kubectl);
        _history.Check(held, $"seed {seed}, {datastore}, at the end");
        Assert.Equal(
            Objects + 1, held.Split('\n', StringSplitOptions.RemoveEmptyEntries).Count(l => l.StartsWith('c') || l.StartsWith("ledger=")));
        await ConvergedAsync(kubectl);
    }

    /// <summary>Applies one chunk after the other, and kills within the first three of the round.</summary>
    private async Task ApplyWhileKilledAsync(TestCluster cluster, Kubectl kubectl, int round, Random random)
    {
        int last = (round + 1) * Objects / Chunk / s_victims.Length;
        (int code, string said, string error) = await kubectl.TryAsync("apply -f -", Workloads(round));
        Assert.True(code == 0, said + error);
        var clock = Stopwatch.StartNew();
        Assert.True(await ApplyNextAsync(kubectl), "an apply fails before anybody is killed");
        TimeSpan instant = clock.Elapsed * (3 * random.NextDouble());
        Task kill = KillAsync(cluster, s_victims[round], instant);
        while (!kill.IsCompleted && _next < last)
        {
            await ApplyNextAsync(kubectl);
        }

        await kill;
    }

    private static async Task KillAsync(TestCluster cluster, string? victim, TimeSpan instant)
    {
        await Task.Delay(instant);
        await (victim is null ? cluster.KillAsync() : cluster.KillChildAsync(victim));
    }

    /// <summary>Applies a chunk; one that fails comes again the next time.</summary>
    private async Task<bool> ApplyNextAsync(Kubectl kubectl)
    {
        var manifest = new StringBuilder();
        for (int i = _next * Chunk; i < (_next + 1) * Chunk; i++)
        {
            manifest.Append(
                $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{i}, namespace: kill}}\n" +
                $"data: {{text: \"{ApplyHistory.Content("c" + i)}\"}}\n---\n");
        }

        manifest.Append($"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: ledger, namespace: kill}}\ndata: {{text: \"{_next}\"}}\n");
        (int code, string said, _) = await kubectl.TryAsync("apply -f -", manifest.ToString());
        _history.Read(said, _next);
        if (code == 0)
        {
            _next++;
        }

        return code == 0;
    }

    private static string Workloads(int round) => $$$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web-{{{round}}}, namespace: kill}
        spec:
          replicas: {{{Replicas}}}
          selector: {matchLabels: {app: web-{{{round}}}}}
          template:
            metadata: {labels: {app: web-{{{round}}}}}
            spec: {containers: [{name: main, image: nginx}]}
        ---
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: db-{{{round}}}, namespace: kill}
        spec:
          replicas: {{{Replicas}}}
          serviceName: db-{{{round}}}
          selector: {matchLabels: {app: db-{{{round}}}}}
          template:
            metadata: {labels: {app: db-{{{round}}}}}
            spec: {containers: [{name: main, image: postgres}]}
        ---
        apiVersion: batch/v1
        kind: Job
        metadata: {name: job-{{{round}}}, namespace: kill}
        spec:
          completions: {{{Replicas}}}
          parallelism: 2
          template:
            metadata: {labels: {app: job-{{{round}}}}}
            spec: {restartPolicy: Never, containers: [{name: main, image: busybox}]}
        """;

    private static async Task ConvergedAsync(Kubectl kubectl)
    {
        for (int round = 0; round < s_victims.Length; round++)
        {
            await kubectl.RunAsync($"-n kill rollout status deployment/web-{round} --timeout=60s");
            await kubectl.RunAsync($"-n kill rollout status statefulset/db-{round} --timeout=60s");
            await kubectl.RunAsync($"-n kill wait --for=condition=Complete job/job-{round} --timeout=60s");
            Assert.Equal(1, await CountAsync(kubectl, $"get replicasets -l app=web-{round}"));
            Assert.Equal(Replicas, await CountAsync(kubectl, $"get pods -l app=web-{round}"));
            Assert.Equal(Replicas, await CountAsync(kubectl, $"get pods -l app=db-{round}"));
            Assert.Equal(Replicas, await CountAsync(kubectl, $"get pods -l app=job-{round}"));
        }

        Assert.Equal(3, Regex.Count(await kubectl.RunAsync("get nodes"), @"\bReady\b"));
    }

    private static async Task<int> CountAsync(Kubectl kubectl, string query) =>
        (await kubectl.RunAsync($"-n kill {query} -o name")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;

    private static Task<string> HeldAsync(Kubectl kubectl) =>
        kubectl.RunAsync("-n kill get configmaps -o jsonpath='{range .items[*]}{.metadata.name}={.data.text}{\"\\n\"}{end}'");

    private static async Task<long> RevisionAsync(Kubectl kubectl) =>
        long.Parse(
            Regex.Match(
                await kubectl.RunAsync("get --raw /api/v1/namespaces/kill/configmaps?limit=1"),
                "\"resourceVersion\":\"(\\d+)\"").Groups[1].Value,
            CultureInfo.InvariantCulture);
}
