using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace KubeLite.Benchmarks.Targets;

/// <summary>A program that this one started and ends, with what it said; what the system knows about it.</summary>
public sealed class ChildServer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Queue<string> _said = new();

    private ChildServer(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
    }

    /// <summary>Starts a program.</summary>
    public static ChildServer Start(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var child = new ChildServer(new Process { StartInfo = start });
        child._process.Start();
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Starts a program of a folder: one for the runtime, or a native one.</summary>
    public static ChildServer StartOwn(string folder, string name, params IEnumerable<string> arguments)
    {
        string path = Path.Combine(folder, name);
        return File.Exists(path + ".runtimeconfig.json") ? Start("dotnet", [path + ".dll", .. arguments]) : Start(path, arguments);
    }

    /// <summary>Its process id.</summary>
    public int Id => _process.Id;

    /// <summary>Fails with its last words where it has ended.</summary>
    public void ThrowIfEnded()
    {
        if (_process.HasExited)
        {
            lock (_said)
            {
                throw new InvalidOperationException($"{_process.StartInfo.FileName} ended: {string.Join('\n', _said)}");
            }
        }
    }

    /// <summary>Waits until it writes a line that begins so.</summary>
    /// <exception cref="TimeoutException">It hasn't in that time.</exception>
    /// <exception cref="InvalidOperationException">It has ended instead.</exception>
    public async Task SaysAsync(string words, TimeSpan patience)
    {
        var said = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look(object sender, DataReceivedEventArgs line)
        {
            if (line.Data?.StartsWith(words, StringComparison.Ordinal) == true)
            {
                said.TrySetResult();
            }
        }

        _process.OutputDataReceived += Look;
        try
        {
            if (!Said(words))
            {
                await Task.WhenAny(said.Task, _process.WaitForExitAsync()).WaitAsync(patience);
                ThrowIfEnded();
            }
        }
        finally
        {
            _process.OutputDataReceived -= Look;
        }
    }

    /// <summary>A port of the loopback address that nobody listens on.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private bool Said(string words)
    {
        lock (_said)
        {
            return _said.Any(line => line.StartsWith(words, StringComparison.Ordinal));
        }
    }

    private void Keep(string? line)
    {
        lock (_said)
        {
            _said.Enqueue(line ?? "");
            if (_said.Count > 20)
            {
                _said.Dequeue();
            }
        }
    }
}
