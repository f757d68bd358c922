using KubeLite.ApiServer;
using KubeLite.ControllerManager;
using KubeLite.Hosting;
using KubeLite.Kubelet;
using KubeLite.Scheduler;

namespace KubeLite.Cli;

/// <summary>
/// The servers that this program is when it is called by their name: a native <c>kubelite</c> holds them all, and links of their names
/// beside it are cheaper than four more programs.
/// </summary>
internal static class ServerPrograms
{
    /// <summary>The main of the server that the program was called as; null where it was called by its own name.</summary>
    /// <param name="program">The name that it was called by, perhaps with a path.</param>
    public static Func<string[], Task<int>>? Find(string program) => Path.GetFileName(program) switch
    {
        "kubelite-apiserver" => RunApiServerAsync,
        "kubelite-scheduler" => RunSchedulerAsync,
        "kubelite-controller-manager" => RunControllerManagerAsync,
        "kubelite-kubelet" => RunKubeletAsync,
        _ => null,
    };

    private static Task<int> RunApiServerAsync(string[] args)
    {
        var command = ApiServerCommand.Create();
        return ServerMain.RunAsync(command.Command, command.Build, args);
    }

    private static Task<int> RunSchedulerAsync(string[] args)
    {
        var flags = new SchedulerFlags();
        return ServerMain.RunAsync(flags.Command, flags.Build, args);
    }

    private static Task<int> RunControllerManagerAsync(string[] args)
    {
        var flags = new ControllerManagerFlags();
        return ServerMain.RunAsync(flags.Command, context => new ControllerManagerServer(flags.Read(context)), args);
    }

    private static Task<int> RunKubeletAsync(string[] args)
    {
        var flags = new KubeletFlags();
        return ServerMain.RunAsync(flags.Command, flags.Build, args);
    }
}
