using System.Diagnostics;

namespace KubeLite.System.Tests;

/// <summary>Runs programs and waits for them.</summary>
public static class Shell
{
    /// <summary>Runs a program to its end.</summary>
    /// <returns>Its exit code and what it wrote to both outputs.</returns>
    public static async Task<(int Code, string Output, string Error)> RunAsync(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment =
            null, string? input = null, TimeSpan? limit = null)
    {
        ProcessStartInfo start = Prepare(program, arguments, environment);
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading all of it; its exit code says why.
        }

        using var patience = new CancellationTokenSource(limit ?? TimeSpan.FromSeconds(120));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', start.ArgumentList)} took too long: {await output}{await error}");
        }

        return (process.ExitCode, await output, await error);
    }

    /// <summary>
    /// Starts a program that doesn't end by itself, and reads what it prints until a line is the last that is waited for.
    /// </summary>
    /// <param name="last">True for that line; the program is killed then.</param>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables that it gets beside ours.</param>
    /// <param name="first">Completed when the first line has been read.</param>
    /// <returns>The lines, that one included.</returns>
    /// <exception cref="TimeoutException">The line hasn't come within a minute.</exception>
    public static async Task<IReadOnlyList<string>> FollowAsync(
        string program, IEnumerable<string> arguments, Func<string, bool> last, IReadOnlyDictionary<string, string>? environment =
            null, TaskCompletionSource? first = null)
    {
        using Process process = Process.Start(Prepare(program, arguments, environment))!;
        _ = process.StandardError.ReadToEndAsync();
        var lines = new List<string>();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        try
        {
            while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
            {
                lines.Add(line);
                first?.TrySetResult();
                if (last(line))
                {
                    return lines;
                }
            }

            throw new TimeoutException($"{program} ended early: {string.Join('\n', lines)}");
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{program} never printed what was waited for: {string.Join('\n', lines)}");
        }
        finally
        {
            first?.TrySetResult();
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static ProcessStartInfo Prepare(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment)
    {
        var start =
            new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return start;
    }

    /// <summary>The first program of these names on PATH; null where there is none.</summary>
    public static string? Find(params string[] names) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .SelectMany(folder => names.Select(name => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);
}
