using KubeLite.Hosting;
using KubeLite.Kubelet;

var flags = new KubeletFlags();
return await ServerMain.RunAsync(flags.Command, flags.Build, args);
