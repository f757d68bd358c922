using KubeLite.Hosting;
using KubeLite.Scheduler;

var flags = new SchedulerFlags();
return await ServerMain.RunAsync(flags.Command, flags.Build, args);
