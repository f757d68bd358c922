using System.Text.RegularExpressions;
using Xunit;

namespace KubeLite.System.Tests;

/// <summary>A day of work with real kubectl: each answer is checked for what a person would read.</summary>
[Trait("Needs", "kubectl")]
public sealed class KubectlDayTests
{
    private static string Manifest => Path.Combine(AppContext.BaseDirectory, "Manifests/day.yaml");

    [SkippableTheory]
    [InlineData("sqlite", false, false)]
    [InlineData("etcd", true, false)]
    [InlineData("sqlite", false, true)]
    [InlineData("etcd", true, true)]
    public async Task Day_OfWork_ReadsAsOnKubernetes(string datastore, bool processes, bool debian)
    {
        string? program = debian ? Kubectl.Debian() : Kubectl.Newest();
        Skip.If(program is null, "no such kubectl here: the test command fetches it");
        await using TestCluster cluster = await TestCluster.StartAsync(datastore, processes);
        var kubectl = new Kubectl(program, cluster.Kubeconfig, cluster.Folder);
        await ApplyAndReadAsync(kubectl, debian);
        await ChangeAsync(kubectl);
        await NodesAsync(kubectl, debian);
        await AskAsync(kubectl, debian);
        await DeleteAsync(kubectl, debian);
    }

    private static async Task ApplyAndReadAsync(Kubectl kubectl, bool debian)
    {
        string nodes = await kubectl.RunAsync("get nodes");
        Assert.Equal(3, Regex.Count(nodes, @"\bReady\b"));
        if (debian)
        {
            // kubectl 1.20 knows neither autoscaling/v2 nor policy/v1, but sends what the file says.
            await kubectl.RunAsync($"apply --validate=false -f {Manifest}");
        }
        else
        {
            string applied = await kubectl.RunAsync($"apply -f {Manifest}");
            Assert.Contains("deployment.apps/web created", applied);
            Assert.Contains("horizontalpodautoscaler.autoscaling/web created", applied);
        }

        Assert.Contains("successfully rolled out", await kubectl.RunAsync("-n shop rollout status deployment/web --timeout=60s"));
        await kubectl.RunAsync("-n shop rollout status statefulset/db --timeout=60s");
        string wide = await kubectl.RunAsync("-n shop get pods -l app=web -o wide");
        Assert.Equal(3, Regex.Count(wide, @"1/1 +Running +0"));
        Assert.Matches(@"10\.244\.\d+\.\d+ +node-\d", wide);
        Assert.Matches(@"web +3/3 +3 +3 ", await kubectl.RunAsync("-n shop get deployments"));
        Assert.Equal("blue", await kubectl.RunAsync("-n shop get configmap settings -o jsonpath={.data.colour}"));
        Assert.Contains("    second line", await kubectl.RunAsync("-n shop get configmap settings -o yaml"));
        Assert.Matches(
            @"NAME +IMAGE\nweb +nginx:1.27",
            await kubectl.RunAsync(
                "-n shop get deployments -o custom-columns=NAME:.metadata.name,IMAGE:.spec.template.spec.containers[0].image"));
        Assert.Matches(@"web +ClusterIP +10\.\d+\.\d+\.\d+ +<none> +80/TCP", await kubectl.RunAsync("-n shop get services"));
        Assert.Matches(@"web +\S+ +shop.example.com", await kubectl.RunAsync("-n shop get ingress"));
        Assert.Matches(@"data-db-0 +Bound +disk-0 +1Gi +RWO +manual", await kubectl.RunAsync("-n shop get pvc"));
        Assert.Matches(@"nightly +0 3 \* \* \*", await kubectl.RunAsync("-n shop get cronjobs"));
        Assert.Matches(@"web +1 +N/A +", await kubectl.RunAsync("-n shop get pdb"));
        Assert.Equal(
            "s3cret",
            global::System.Text.Encoding.UTF8.GetString(
                Convert.FromBase64String(await kubectl.RunAsync("-n shop get secret password -o jsonpath={.data.password}"))));
        string described = await kubectl.RunAsync("-n shop describe deployment web");
        Assert.Contains("3 desired | 3 updated | 3 total | 3 available | 0 unavailable", described);
        Assert.Contains("ScalingReplicaSet", described);
        string pod = (await kubectl.RunAsync("-n shop get pods -l app=web -o name")).Split('\n')[0];
        string podText = await kubectl.RunAsync($"-n shop describe {pod}");
        Assert.Contains("Successfully assigned shop/", podText);
        Assert.Matches(@"Ready +True", podText);
        Assert.Contains("Image:          nginx:1.27", podText);
        Assert.Contains("simulated container nginx", await kubectl.RunAsync($"-n shop logs {pod}"));
    }

    private static async Task ChangeAsync(Kubectl kubectl)
    {
        await kubectl.RunAsync("-n shop set image deployment/web nginx=nginx:1.28");
        await kubectl.RunAsync("-n shop rollout status deployment/web --timeout=60s");
        Assert.Matches(@"1 +<none>\n2 +<none>", await kubectl.RunAsync("-n shop rollout history deployment/web"));
        Assert.Contains("rolled back", await kubectl.RunAsync("-n shop rollout undo deployment/web"));
        await kubectl.RunAsync("-n shop rollout status deployment/web --timeout=60s");
        Assert.Equal(
            "nginx:1.27", await kubectl.RunAsync("-n shop get deployment web -o jsonpath={.spec.template.spec.containers[0].image}"));
        await kubectl.RunAsync("-n shop rollout restart deployment/web");
        await kubectl.RunAsync("-n shop rollout status deployment/web --timeout=60s");
        await WatchAsync(kubectl);
        await kubectl.RunAsync("-n shop rollout status deployment/web --timeout=60s");
        Assert.Contains("labeled", await kubectl.RunAsync("-n shop label configmap settings tier=front"));
        Assert.Contains("annotated", await kubectl.RunAsync("-n shop annotate configmap settings note=hello"));
        Assert.Contains("settings", await kubectl.RunAsync("-n shop get configmaps -l tier=front"));
        await kubectl.RunAsync("""-n shop patch configmap settings --type=merge -p '{"data":{"colour":"green"}}'""");
        await kubectl.RunAsync("""-n shop patch configmap settings --type=json -p '[{"op":"add","path":"/data/size","value":"9"}]'""");
        await kubectl.RunAsync(
            """-n shop patch deployment web --type=strategic -p '{"spec":{"template":{"spec":{"containers":[{"name":"nginx","env":[{"name":"A","value":"1"}]}]}}}}'""");
        Assert.Equal("green 9", await kubectl.RunAsync("-n shop get configmap settings -o jsonpath='{.data.colour} {.data.size}'"));
        var editor = new Dictionary<string, string> { ["KUBE_EDITOR"] = "sed -i s/green/yellow/" };
        Assert.Contains("edited", await kubectl.RunAsync("-n shop edit configmap settings", environment: editor));
        (int differs, string diff, _) = await kubectl.TryAsync($"diff -f {Manifest}");
        Assert.Equal(1, differs);
        Assert.Contains("-  colour: yellow", diff);
        Assert.Contains("+  colour: blue", diff);
        const string Applied = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: owned, namespace: shop}\ndata: {a: \"1\"}\n";
        Assert.Contains("serverside-applied", await kubectl.RunAsync("apply --server-side -f -", Applied));
        (int code, _, string conflict) = await kubectl.TryAsync(
            "apply --server-side --field-manager=other -f -", Applied.Replace("\"1\"", "\"2\""));
        Assert.Equal(1, code);
        Assert.Contains("conflict with \"kubectl\"", conflict);
        await kubectl.RunAsync("apply --server-side --field-manager=other --force-conflicts -f -", Applied.Replace("\"1\"", "\"2\""));
        Assert.Contains("replaced", await kubectl.RunAsync("replace --force -f -", Applied));
        Assert.Contains("condition met", await kubectl.RunAsync("-n shop wait --for=condition=Available deployment/web --timeout=60s"));
    }

    /// <summary>`get -w` prints the header and what is there, then a row for every change.</summary>
    private static async Task WatchAsync(Kubectl kubectl)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<IReadOnlyList<string>> watch = kubectl.FollowAsync(
            "-n shop get deployment web -w", line => Regex.IsMatch(line, @"^web +2/2 +2 +2 "), started);
        await started.Task;
        Assert.Contains("scaled", await kubectl.RunAsync("-n shop scale deployment/web --replicas=2"));
        IReadOnlyList<string> lines = await watch;
        Assert.Matches(@"^NAME +READY +UP-TO-DATE +AVAILABLE +AGE$", lines[0].TrimEnd());
        Assert.Matches(@"^web +3/3 +3 +3 ", lines[1]);
        Assert.Contains(lines, line => Regex.IsMatch(line, @"^web +3/2 +3 +3 "));
        Assert.Single(lines, line => line.StartsWith("NAME", StringComparison.Ordinal));
    }

    private static async Task NodesAsync(Kubectl kubectl, bool debian)
    {
        Assert.Contains("cordoned", await kubectl.RunAsync("cordon node-1"));
        Assert.Contains("Ready,SchedulingDisabled", await kubectl.RunAsync("get node node-1"));
        // kubectl 1.20 says "evicted" of the node.
        Assert.Contains(
            debian ? "node/node-1 evicted" : "node/node-1 drained",
            await kubectl.RunAsync("drain node-1 --ignore-daemonsets --delete-emptydir-data --force --timeout=60s"));
        Assert.Contains("uncordoned", await kubectl.RunAsync("uncordon node-1"));
        Assert.Contains("tainted", await kubectl.RunAsync("taint node node-2 special=yes:NoSchedule"));
        Assert.Contains("untainted", await kubectl.RunAsync("taint node node-2 special-"));
        Assert.DoesNotContain("node-1", await kubectl.RunAsync("-n shop get pods --field-selector=spec.nodeName=node-1 -o name"));
    }

    private static async Task AskAsync(Kubectl kubectl, bool debian)
    {
        Assert.Contains("FIELDS:", await kubectl.RunAsync("explain deployment.spec.strategy --recursive"));
        Assert.Matches(@"deployments +deploy +apps/v1 +true +Deployment", await kubectl.RunAsync("api-resources"));
        Assert.Contains("networking.k8s.io/v1", await kubectl.RunAsync("api-versions"));
        Assert.Contains("yes", await kubectl.RunAsync("auth can-i create pods"));
        (int code, string answer, _) = await kubectl.TryAsync("auth can-i delete pods --as=system:serviceaccount:shop:robot -n shop");
        Assert.Equal(1, code);
        Assert.Contains("no", answer);
        Assert.Matches(
            @"configmaps +\[\] +\[\] +\[get list watch\]",
            await kubectl.RunAsync("auth can-i --list --as=system:serviceaccount:shop:robot -n shop"));
        Assert.Contains("Scheduled", await kubectl.RunAsync("-n shop get events"));
        if (!debian)
        {
            string token = (await kubectl.RunAsync("-n shop create token robot")).Trim();
            Assert.Equal(3, token.Split('.').Length);
            Assert.Contains(
                "settings",
                await kubectl.RunAsync(
                    $"-n shop get configmaps --token={token} --kubeconfig=/dev/null --insecure-skip-tls-verify --server={await ServerAsync(kubectl)}"));
            Assert.Contains("Created pod", await kubectl.RunAsync("-n shop events"));
        }

        (int missing, _, string error) = await kubectl.TryAsync("-n shop get pod nope");
        Assert.Equal(1, missing);
        Assert.Equal("Error from server (NotFound): pods \"nope\" not found\n", error);
    }

    private static async Task DeleteAsync(Kubectl kubectl, bool debian)
    {
        await kubectl.RunAsync("-n shop delete deployment web --cascade=orphan");
        Assert.Contains("web-", await kubectl.RunAsync("-n shop get replicasets -o name"));
        await kubectl.RunAsync("-n shop delete replicaset --all --cascade=foreground --timeout=60s");
        Assert.Equal("", await kubectl.RunAsync("-n shop get pods -l app=web -o name"));
        await kubectl.RunAsync("-n shop delete statefulset db --cascade=background");
        // kubectl 1.20 takes a Pod that is already gone for a mistake.
        (int waited, _, string complaint) = await kubectl.TryAsync("-n shop wait --for=delete pod/db-0 --timeout=60s");
        Assert.True(waited == 0 || (debian && complaint.Contains("no matching resources found")), complaint);
        await kubectl.RunAsync("delete namespace shop --timeout=60s");
        (int code, _, string error) = await kubectl.TryAsync("get namespace shop");
        Assert.Equal(1, code);
        Assert.Contains("namespaces \"shop\" not found", error);
    }

    private static async Task<string> ServerAsync(Kubectl kubectl) =>
        (await kubectl.RunAsync("config view -o jsonpath={.clusters[0].cluster.server}")).Trim();
}
