using System.Diagnostics;
using KubeLite.Hosting;

namespace KubeLite.Cli.Up;

/// <summary>A server as a child process, with its log in a file.</summary>
/// <param name="name">The program's.</param>
/// <param name="arguments">Its command line.</param>
/// <param name="logFile">Where it writes its log.</param>
/// <param name="before">It is not started before this has completed.</param>
/// <param name="ready">Waits until it serves; null where nobody waits for that.</param>
internal sealed class ChildProcess(
    string name, IReadOnlyList<string> arguments, string logFile, Task before, Func<CancellationToken, Task>? ready) : IServerProcess
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? _process;
    private bool _stopping;

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public Task Completion => _completion.Task;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await before.WaitAsync(cancellationToken);
        var executable = Path.Combine(AppContext.BaseDirectory, name);
        var start = new ProcessStartInfo { RedirectStandardError = true };
        if (File.Exists(executable))
        {
            start.FileName = executable;
        }
        else if (File.Exists(executable + ".dll"))
        {
            start.FileName = "dotnet";
            start.ArgumentList.Add(executable + ".dll");
        }
        else
        {
            throw new StartupException(
                $"{name} is not beside kubelite in {AppContext.BaseDirectory}: install it there, or leave --processes out");
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.ArgumentList.Add("--log-file=" + logFile);
        var errors = new Queue<string>();
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.ErrorDataReceived += (_, line) =>
        {
            if (!string.IsNullOrEmpty(line.Data))
            {
                lock (errors)
                {
                    errors.Enqueue(line.Data);
                }
            }
        };
        _process.Exited += (_, _) => Ended(errors);
        _process.Start();
        _process.BeginErrorReadLine();
        if (ready is not null)
        {
            await WaitUntilReadyAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _stopping = true;
        if (_process is not { HasExited: false } process)
        {
            return;
        }

        Signals.Terminate(process.Id);
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await StopAsync(patience.Token);
        _process?.Dispose();
    }

    private async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var waiting = ready!(either.Token);
        if (await Task.WhenAny(waiting, _completion.Task) == _completion.Task)
        {
            await either.CancelAsync();
            await _completion.Task;
            throw new StartupException($"{name} ended before it served: see {logFile}");
        }

        await waiting;
    }

    private void Ended(Queue<string> errors)
    {
        if (_stopping || _process!.ExitCode == 0)
        {
            _completion.TrySetResult();
            return;
        }

        _process.WaitForExit();
        lock (errors)
        {
            var said = errors.Count > 0 ? errors.Dequeue() : $"{name} ended with exit code {_process.ExitCode}: see {logFile}";
            _completion.TrySetException(new StartupException(said));
        }
    }
}
