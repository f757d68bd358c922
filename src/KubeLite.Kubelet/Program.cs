using KubeLite.Hosting;
using KubeLite.Hosting.CommandLine;
using KubeLite.Hosting.Diagnostics;
using KubeLite.Kubelet;

var command = new ServerCommand("kubelite-kubelet", "Runs the Pods that are bound to its nodes.");
var kubeconfig = command.String("kubeconfig", "", "Kubeconfig file with the API server's address and credentials.");
var driver = command.String("driver", "simulated", "What runs the containers: simulated.");
var nodes = command.Int("nodes", 1, "How many simulated nodes this process stands for.");
var prefix = command.String("node-name-prefix", "node", "Simulated nodes are called this, a dash and their number.");
var hostname = command.String("hostname-override", "", "Name of the node when there is a single one.");
var labels = command.List("node-labels", [], "Labels for every node, as key=value.");
var events = command.Bool("record-events", true, "Record events; large simulations may want to do without.");
var cpu = command.String("simulated-cpu", "4", "CPUs of a simulated node.");
var memory = command.String("simulated-memory", "8Gi", "Memory of a simulated node.");
var pods = command.Int("max-pods", 110, "Pods that a node takes.");
var listener = new DiagnosticsFlags(command, DiagnosticsOptions.KubeletPort, "port", "address");

return await ServerMain.RunAsync(
    command,
    context =>
    {
        var flags = context.Flags;
        var options = new KubeletOptions
        {
            Kubeconfig = flags.GetValue(kubeconfig)!,
            Driver = flags.GetValue(driver)!,
            Nodes = flags.GetValue(nodes),
            NodeNamePrefix = flags.GetValue(prefix)!,
            NodeName = flags.GetValue(hostname),
            NodeLabels = LabelFlag.Parse(flags.GetValue(labels)!),
            RecordEvents = flags.GetValue(events),
            Server = listener.Read(flags),
            Capacity = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["cpu"] = flags.GetValue(cpu)!,
                ["memory"] = flags.GetValue(memory)!,
                ["pods"] = flags.GetValue(pods).ToString(System.Globalization.CultureInfo.InvariantCulture),
                ["ephemeral-storage"] = "100Gi",
            },
        };
        return new KubeletProcess(options, context.LoggerFactory, context.TimeProvider);
    },
    args);
