using KubeLite.ApiServer;
using KubeLite.Hosting;

var command = ApiServerCommand.Create();
return await ServerMain.RunAsync(command.Command, command.Build, args);
