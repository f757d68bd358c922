using Xunit;

namespace KubeLite.System.Tests;

/// <summary>The clients that people write programs with, against <c>up</c>: each drives the same flows.</summary>
public sealed class ClientTests(ClientTests.Cluster shared) : IClassFixture<ClientTests.Cluster>
{
    private static string Scripts => Path.Combine(AppContext.BaseDirectory, "Clients");

    [SkippableFact]
    [Trait("Needs", "python3-kubernetes")]
    public async Task Python_EveryFlow_AnswersAsOnKubernetes()
    {
        string? python = await PythonAsync();
        Skip.If(python is null, "no python3 here has the module kubernetes: the test command installs python3-kubernetes");
        await DriveAsync(python, Path.Combine(Scripts, "python_client.py"));
    }

    [SkippableFact]
    [Trait("Needs", "@kubernetes/client-node")]
    public async Task Node_EveryFlow_AnswersAsOnKubernetes()
    {
        string folder = Path.Combine(Environment.GetEnvironmentVariable("KUBELITE_TEST_TOOLS") ?? "", "node");
        string? node = Shell.Find("node");
        Skip.If(
            node is null || !Directory.Exists(Path.Combine(folder, "node_modules/@kubernetes/client-node")),
            "node or @kubernetes/client-node is missing: the test command installs the latter where npm is there");

        // A module's imports are looked up from where the module lies.
        string script = Path.Combine(folder, "node_client.mjs");
        File.Copy(Path.Combine(Scripts, "node_client.mjs"), script, overwrite: true);
        await DriveAsync(node, script);
    }

    [Fact]
    public Task CSharp_EveryFlow_AnswersAsOnKubernetes() => new CSharpClient(shared.Running.Kubeconfig).RunAsync();

    private async Task DriveAsync(string program, string script)
    {
        var environment = new Dictionary<string, string> { ["KUBECONFIG"] = shared.Running.Kubeconfig, ["HOME"] = shared.Running.Folder };
        (int code, string output, string error) = await Shell.RunAsync(program, [script], environment);
        Assert.True(code == 0 && output.TrimEnd() == "ok", $"exit code {code}\n{output}{error}");
    }

    private static async Task<string?> PythonAsync()
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
