using System.CommandLine;
using System.Globalization;
using KubeLite.Hosting;
using KubeLite.Hosting.CommandLine;
using KubeLite.Hosting.Diagnostics;

namespace KubeLite.Kubelet;

/// <summary>The flags of <c>kubelite-kubelet</c>.</summary>
public sealed class KubeletFlags
{
    private readonly Option<string> _kubeconfig;
    private readonly Option<string> _driver;
    private readonly Option<int> _nodes;
    private readonly Option<string> _prefix;
    private readonly Option<string> _hostname;
    private readonly Option<IReadOnlyList<string>> _labels;
    private readonly Option<bool> _events;
    private readonly Option<string> _cpu;
    private readonly Option<string> _memory;
    private readonly Option<int> _pods;
    private readonly DiagnosticsFlags _listener;

    /// <summary>Makes the command with its flags.</summary>
    public KubeletFlags()
    {
        _kubeconfig = Command.String("kubeconfig", "", "Kubeconfig file with the API server's address and credentials.");
        _driver = Command.String("driver", "simulated", "What runs the containers: simulated.");
        _nodes = Command.Int("nodes", 1, "How many simulated nodes this process stands for.");
        _prefix = Command.String("node-name-prefix", "node", "Simulated nodes are called this, a dash and their number.");
        _hostname = Command.String("hostname-override", "", "Name of the node when there is a single one.");
        _labels = Command.List("node-labels", [], "Labels for every node, as key=value.");
        _events = Command.Bool("record-events", true, "Record events; large simulations may want to do without.");
        _cpu = Command.String("simulated-cpu", "4", "CPUs of a simulated node.");
        _memory = Command.String("simulated-memory", "8Gi", "Memory of a simulated node.");
        _pods = Command.Int("max-pods", 110, "Pods that a node takes.");
        _listener = new DiagnosticsFlags(Command, DiagnosticsOptions.KubeletPort, "port", "address");
    }

    /// <summary>The command.</summary>
    public ServerCommand Command { get; } = new("kubelite-kubelet", "Runs the Pods that are bound to its nodes.");

    /// <summary>Makes the server that the flags describe.</summary>
    /// <exception cref="StartupException">A flag's value is of no use.</exception>
    public KubeletProcess Build(ServerContext context)
    {
        var flags = context.Flags;
        var options = new KubeletOptions
        {
            Kubeconfig = flags.GetValue(_kubeconfig)!,
            Driver = flags.GetValue(_driver)!,
            Nodes = flags.GetValue(_nodes),
            NodeNamePrefix = flags.GetValue(_prefix)!,
            NodeName = flags.GetValue(_hostname),
            NodeLabels = LabelFlag.Parse(flags.GetValue(_labels)!),
            RecordEvents = flags.GetValue(_events),
            Server = _listener.Read(flags),
            Capacity = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["cpu"] = flags.GetValue(_cpu)!,
                ["memory"] = flags.GetValue(_memory)!,
                ["pods"] = flags.GetValue(_pods).ToString(CultureInfo.InvariantCulture),
                ["ephemeral-storage"] = "100Gi",
            },
        };
        return new KubeletProcess(options, context.LoggerFactory, context.TimeProvider);
    }
}
