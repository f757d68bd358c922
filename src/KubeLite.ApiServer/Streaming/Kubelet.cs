namespace KubeLite.ApiServer.Streaming;

/// <summary>The kubelet of a node.</summary>
/// <param name="Address">Where it answers.</param>
/// <param name="StreamsWebSockets">
/// True where it takes WebSockets of exec, attach and port-forward as clients send them; others are only spoken to in SPDY/3.1.
/// </param>
public sealed record Kubelet(BackendAddress Address, bool StreamsWebSockets);
