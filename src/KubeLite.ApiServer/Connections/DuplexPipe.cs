using System.IO.Pipelines;

namespace KubeLite.ApiServer.Connections;

/// <summary>The two directions of a connection.</summary>
internal sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
