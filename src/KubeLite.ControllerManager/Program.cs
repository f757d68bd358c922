using KubeLite.ControllerManager;
using KubeLite.Hosting;

var flags = new ControllerManagerFlags();
return await ServerMain.RunAsync(flags.Command, context => new ControllerManagerServer(flags.Read(context)), args);
