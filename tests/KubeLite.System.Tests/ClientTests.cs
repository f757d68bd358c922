using Xunit;

namespace KubeLite.System.Tests;

/// <summary>The clients that people write programs with, against <c>up</c>: each drives the same flows.</summary>
public sealed class ClientTests(ClientTests.Cluster shared) : IClassFixture<ClientTests.Cluster>
{
    /// <summary>Where the clients' programs are.</summary>
    internal static string Scripts => Path.Combine(AppContext.BaseDirectory, "Clients");

    [SkippableFact]
    [Trait("Needs", "python3-kubernetes")]
    public async Task Python_EveryFlow_AnswersAsOnKubernetes()
    {
        string? python = await PythonAsync();
        Skip.If(python is null, "no python3 here has the module kubernetes: the test command installs python3-kubernetes");
        await DriveAsync(shared.Running, python, Path.Combine(Scripts, "python_client.py"));
    }

    [SkippableFact]
    [Trait("Needs", "@kubernetes/client-node")]
    public async Task Node_EveryFlow_AnswersAsOnKubernetes()
    {
        (string? node, string script) = NodeScript("node_client.mjs");
        Skip.If(node is null, "node or @kubernetes/client-node is missing: the test command installs the latter where npm is there");
        await DriveAsync(shared.Running, node, script);
    }

    [Fact]
    public Task CSharp_EveryFlow_AnswersAsOnKubernetes() => new CSharpClient(shared.Running.Kubeconfig).RunAsync();

    /// <summary>Runs a client's program, which must end in "ok".</summary>
    internal static async Task DriveAsync(TestCluster cluster, string program, params string[] arguments)
    {
        var environment = new Dictionary<string, string> { ["KUBECONFIG"] = cluster.Kubeconfig, ["HOME"] = cluster.Folder };
        (int code, string output, string error) = await Shell.RunAsync(program, arguments, environment);
        Assert.True(code == 0 && output.TrimEnd() == "ok", $"exit code {code}\n{output}{error}");
    }

    /// <summary>Node.js, null where it or the client is missing, and the script where it can be run.</summary>
    internal static (string? Node, string Script) NodeScript(string name)
    {
        string folder = Path.Combine(Environment.GetEnvironmentVariable("KUBELITE_TEST_TOOLS") ?? "", "node");
        string script = Path.Combine(folder, name);
        if (!Directory.Exists(Path.Combine(folder, "node_modules/@kubernetes/client-node")))
        {
            return (null, script);
        }

        // A module's imports are looked up from where the module lies.
        File.Copy(Path.Combine(Scripts, name), script, overwrite: true);
        return (Shell.Find("node"), script);
    }

    /// <summary>A python3 that has the module kubernetes; null where there is none.</summary>
    internal static async Task<string?> PythonAsync()
    {
        foreach (string? python in (string?[])[Shell.Find("python3"), "/usr/bin/python3"])
        {
            if (File.Exists(python) && (await Shell.RunAsync(python, ["-c", "import kubernetes"])).Code == 0)
            {
                return python;
            }
        }

        return null;
    }

    /// <summary>One cluster for all the clients; each has a namespace of its own.</summary>
    public sealed class Cluster : IAsyncLifetime
    {
        /// <summary>The cluster.</summary>
        public TestCluster Running { get; private set; } = null!;

        /// <inheritdoc />
        public async Task InitializeAsync() => Running = await TestCluster.StartAsync("sqlite");

        /// <inheritdoc />
        public async Task DisposeAsync() => await Running.DisposeAsync();
    }
}
