using Xunit;

namespace KubeLite.System.Tests.Faults;

/// <summary>A network of its own, joined with this machine's by one cable that can be pulled.</summary>
internal sealed class NetworkNamespace : IAsyncDisposable
{
    private readonly int _number = Environment.ProcessId % 250;

    /// <summary>Its name.</summary>
    public string Name => $"kubelite{Environment.ProcessId}";

    /// <summary>Its address.</summary>
    public string Address => $"10.211.{_number}.2";

    private string Near => $"kln{_number}";

    private string Far => $"klf{_number}";

    /// <summary>Makes one; skips the test where that is not allowed.</summary>
    public static async Task<NetworkNamespace> CreateAsync()
    {
        var made = new NetworkNamespace();
        (int code, _, string error) = await Shell.RunAsync("bash", ["-c", $"""
            set -e
            ip netns add {made.Name}
            ip link add {made.Near} type veth peer name {made.Far} netns {made.Name}
            ip addr add 10.211.{made._number}.1/30 dev {made.Near}
            ip link set {made.Near} up
            ip -n {made.Name} addr add {made.Address}/30 dev {made.Far}
            ip -n {made.Name} link set {made.Far} up
            ip -n {made.Name} link set lo up
            """]);
        if (code != 0)
        {
            await made.DisposeAsync();
            Skip.If(true, $"network namespaces are not allowed here: {error}");
        }

        return made;
    }

    /// <summary>Pulls the cable: what is sent is lost without a word.</summary>
    public Task PullAsync() => Shell.RunAsync("ip", ["-n", Name, "link", "set", Far, "down"]);

    /// <summary>Plugs it in again.</summary>
    public Task PlugAsync() => Shell.RunAsync("ip", ["-n", Name, "link", "set", Far, "up"]);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Shell.RunAsync("ip", ["link", "delete", Near]);
        await Shell.RunAsync("ip", ["netns", "delete", Name]);
    }
}
