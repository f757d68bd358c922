using Xunit;

namespace KubeLite.System.Tests;

/// <summary>
/// Real clients create, read, change, watch and delete an object of every built-in kind that anyone can create, among the
/// controllers of a running cluster, and meet no warning that Kubernetes doesn't give.
/// </summary>
public sealed class EveryKindTests(ClientTests.Cluster shared) : IClassFixture<ClientTests.Cluster>
{
    private static readonly string s_manifest = Path.Combine(AppContext.BaseDirectory, "Manifests/every-kind.yaml");

    private static readonly int s_count = File.ReadLines(s_manifest).Count(l => l.StartsWith('{'));

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Needs", "kubectl")]
    public async Task Kubectl_EveryKind_IsCreatedChangedAndDeleted(bool debian)
    {
        string? program = debian ? Kubectl.Debian() : Kubectl.Newest();
        Skip.If(program is null, "no such kubectl here: the test command fetches it");
        var kubectl = new Kubectl(program, shared.Running.Kubeconfig, shared.Running.Folder);
        await kubectl.RunAsync("create namespace every");
        await EachAsync(kubectl, $"-n every apply --validate={!debian} -f {s_manifest}", "created");
        Assert.Equal(
            s_count,
            (await kubectl.RunAsync($"-n every get -f {s_manifest} -o name")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        await EachAsync(kubectl, $"-n every label -f {s_manifest} tried=yes", "labeled");
        string changed = (await File.ReadAllTextAsync(s_manifest))
            .Replace("\"metadata\": {\"name\": ", "\"metadata\": {\"annotations\": {\"changed\": \"yes\"}, \"name\": ");
        await EachAsync(kubectl, $"-n every apply --validate={!debian} -f -", "configured", changed);
        await EachAsync(kubectl, $"-n every delete -f {s_manifest} --timeout=60s", "deleted");
        Assert.Equal("", await kubectl.RunAsync($"-n every get -f {s_manifest} --ignore-not-found -o name"));
        await kubectl.RunAsync("delete namespace every --timeout=60s");
    }

    /// <summary>Reviews and bindings are asked, not kept: there is nothing to read, change or delete.</summary>
    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Needs", "kubectl")]
    public async Task Kubectl_KindsThatAreOnlyCreated_AreAnswered(bool debian)
    {
        string? program = debian ? Kubectl.Debian() : Kubectl.Newest();
        Skip.If(program is null, "no such kubectl here: the test command fetches it");
        var kubectl = new Kubectl(program, shared.Running.Kubeconfig, shared.Running.Folder);
        string ns = debian ? "asked-debian" : "asked";
        await kubectl.RunAsync($"create namespace {ns}");
        string[] answers = await AskAsync(
            """{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"verb":"get","resource":"pods"}}}""",
            """{"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview","spec":{"user":"nobody","resourceAttributes":{"verb":"get","resource":"pods"}}}""",
            $$$"""{"apiVersion":"authorization.k8s.io/v1","kind":"LocalSubjectAccessReview","metadata":{"namespace":"{{{ns}}}"},"spec":{"user":"nobody","resourceAttributes":{"namespace":"{{{ns}}}","verb":"get","resource":"pods"} } }""",
            """{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectRulesReview","spec":{"namespace":"default"}}""",
            """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","spec":{"token":"nobody's"}}""",
            """{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}""");
        await kubectl.RunAsync(
            $"-n {ns} create -f -",
            """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"bound"},"spec":{"schedulerName":"nobody","containers":[{"name":"c","image":"i"}]}}""");
        await AskAsync("""{"apiVersion":"v1","kind":"Binding","metadata":{"name":"bound"},"target":{"kind":"Node","name":"node-0"}}""");

        Assert.Equal(["true", "false", "false", "", "", ""], answers);
        Assert.Equal("node-0", await kubectl.RunAsync($"-n {ns} get pod bound -o jsonpath={{.spec.nodeName}}"));
        await kubectl.RunAsync($"delete namespace {ns} --timeout=60s");

        async Task<string[]> AskAsync(params string[] objects)
        {
            var said = new List<string>();
            foreach (string obj in objects)
            {
                said.Add(await kubectl.RunAsync($"-n {ns} create -f - --validate={!debian} -o jsonpath={{.status.allowed}}", obj));
            }

            return [.. said];
        }
    }

    /// <summary>drain cordons the node and evicts; componentstatuses are deprecated, which kubectl says.</summary>
    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Needs", "kubectl")]
    public async Task Kubectl_EvictionAndComponentStatus_AreServed(bool debian)
    {
        string? program = debian ? Kubectl.Debian() : Kubectl.Newest();
        Skip.If(program is null, "no such kubectl here: the test command fetches it");
        var kubectl = new Kubectl(program, shared.Running.Kubeconfig, shared.Running.Folder);
        string ns = debian ? "evicted-debian" : "evicted";
        await kubectl.RunAsync($"create namespace {ns}");
        // Without a grace period an eviction deletes at once.
        foreach (string name in (string[])["drained", "kept", "raw"])
        {
            await kubectl.RunAsync($"-n {ns} create -f -", $$$"""
                {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{name}}}","labels":{"name":"{{{name}}}","ns":"{{{ns}}}"}},
                 "spec":{"nodeName":"node-0","terminationGracePeriodSeconds":0,"containers":[{"name":"c","image":"i"}]}}
                """);
        }

        string drained = await kubectl.RunAsync($"drain node-0 --pod-selector=ns={ns},name=drained --force --timeout=60s");
        string cordoned = await kubectl.RunAsync("get node node-0 -o jsonpath={.spec.unschedulable}");
        await kubectl.RunAsync("uncordon node-0");
        await kubectl.RunAsync(
            $"create --raw /api/v1/namespaces/{ns}/pods/raw/eviction -f -",
            """{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"raw"}}""");
        string components = await kubectl.RunAsync("get componentstatuses");
        string store = await kubectl.RunAsync("get componentstatus etcd-0 -o jsonpath={.conditions[0].type}={.conditions[0].status}");

        Assert.Contains("pod/drained evicted", drained);
        Assert.Equal("true", cordoned);
        Assert.Equal("pod/kept", (await kubectl.RunAsync($"-n {ns} get pods -o name")).Trim());
        Assert.Contains("etcd-0", components);
        Assert.Equal("Healthy=True", store);
        Assert.Contains("\"scribe\" not found", (await kubectl.TryAsync("get componentstatus scribe")).Error);
        await kubectl.RunAsync($"delete namespace {ns} --timeout=60s");
    }

    [SkippableFact]
    [Trait("Needs", "python3-kubernetes")]
    public async Task Python_WhatIsOnlyAsked_IsAnswered()
    {
        string? python = await ClientTests.PythonAsync();
        Skip.If(python is null, "no python3 here has the module kubernetes: the test command installs python3-kubernetes");
        await ClientTests.DriveAsync(shared.Running, python, Path.Combine(ClientTests.Scripts, "python_asked.py"));
    }

    [SkippableFact]
    [Trait("Needs", "@kubernetes/client-node")]
    public async Task Node_WhatIsOnlyAsked_IsAnswered()
    {
        (string? node, string script) = ClientTests.NodeScript("node_asked.mjs");
        Skip.If(node is null, "node or @kubernetes/client-node is missing: the test command installs the latter where npm is there");
        await ClientTests.DriveAsync(shared.Running, node, script);
    }

    [Fact]
    public Task CSharp_WhatIsOnlyAsked_IsAnswered() => new CSharpAsked(shared.Running.Kubeconfig).RunAsync();

    [SkippableFact]
    [Trait("Needs", "python3-kubernetes")]
    public async Task Python_EveryKind_IsCreatedChangedWatchedAndDeleted()
    {
        string? python = await ClientTests.PythonAsync();
        Skip.If(python is null, "no python3 here has the module kubernetes: the test command installs python3-kubernetes");
        await ClientTests.DriveAsync(shared.Running, python, Path.Combine(ClientTests.Scripts, "python_every_kind.py"), s_manifest);
    }

    [SkippableFact]
    [Trait("Needs", "@kubernetes/client-node")]
    public async Task Node_EveryKind_IsCreatedChangedAndDeleted()
    {
        (string? node, string script) = ClientTests.NodeScript("node_every_kind.mjs");
        Skip.If(node is null, "node or @kubernetes/client-node is missing: the test command installs the latter where npm is there");
        await ClientTests.DriveAsync(shared.Running, node, script, s_manifest);
    }

    [Fact]
    public Task CSharp_EveryKind_IsCreatedChangedWatchedAndDeleted() => new CSharpEveryKind(shared.Running.Kubeconfig).RunAsync(s_manifest);

    /// <summary>Runs a command that says one line for each object, and nothing that a person would have to read.</summary>
    private static async Task EachAsync(Kubectl kubectl, string command, string verb, string? input = null)
    {
        (int code, string output, string error) = await kubectl.TryAsync(command, input);
        string said = string.Join('\n', error.Split('\n').Where(l => l.Length > 0 && !IsExpected(l)));
        Assert.True(code == 0 && said.Length == 0, $"kubectl {command}\nexit code {code}\n{output}{said}");
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(s_count, lines.Count(l => l.EndsWith(verb, StringComparison.Ordinal)));
    }

    private static bool IsExpected(string line) =>
        line.Contains("v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice", StringComparison.Ordinal) ||
        line.Contains("deleting cluster-scoped resources, not scoped to the provided namespace", StringComparison.Ordinal);
}
