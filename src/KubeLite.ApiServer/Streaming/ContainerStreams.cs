namespace KubeLite.ApiServer.Streaming;

/// <summary>Which streams of a container's process a caller of exec or attach wants.</summary>
/// <param name="Stdin">What it reads.</param>
/// <param name="Stdout">What it writes.</param>
/// <param name="Stderr">Its errors; with a terminal they come with what it writes.</param>
/// <param name="Tty">True for a terminal.</param>
public sealed record ContainerStreams(bool Stdin, bool Stdout, bool Stderr, bool Tty);
