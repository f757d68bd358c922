using Xunit;

namespace KubeLite.System.Tests;

/// <summary>A real kubectl against a cluster.</summary>
public sealed class Kubectl(string program, string kubeconfig, string folder)
{
    /// <summary>The newest kubectl that can be found: on PATH, or beside the one that PATH leads to.</summary>
    public static string? Newest()
    {
        if (Shell.Find("kubectl") is not { } found)
        {
            return null;
        }

        string resolved = new FileInfo(found).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? found;
        return Directory.EnumerateFiles(Path.GetDirectoryName(resolved)!, "kubectl.1.*")
            .OrderByDescending(f => int.TryParse(f.Split('.')[^1], out int minor) ? minor : 0).FirstOrDefault() ?? resolved;
    }

    /// <summary>Debian's kubectl, which the test command unpacks; null where it didn't.</summary>
    public static string? Debian()
    {
        string? tools = Environment.GetEnvironmentVariable("KUBELITE_TEST_TOOLS");
        string program = Path.Combine(tools ?? "", "kubernetes-client/usr/bin/kubectl");
        return tools is not null && File.Exists(program) ? program : null;
    }

    /// <summary>Runs a command that must succeed.</summary>
    /// <returns>What it printed.</returns>
    public async Task<string> RunAsync(string command, string? input = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        (int code, string output, string error) = await TryAsync(command, input, environment);
        Assert.True(code == 0, $"kubectl {command}\nexit code {code}\n{output}{error}");
        return output;
    }

    /// <summary>Runs a command.</summary>
    public Task<(int Code, string Output, string Error)> TryAsync(
        string command, string? input = null, IReadOnlyDictionary<string, string>? environment = null) =>
        Shell.RunAsync(program, Split(command), Variables(environment), input);

    /// <summary>Runs a command that doesn't end by itself until it prints a line.</summary>
    /// <returns>The lines until then.</returns>
    public Task<IReadOnlyList<string>> FollowAsync(string command, Func<string, bool> last, TaskCompletionSource first) =>
        Shell.FollowAsync(program, Split(command), last, Variables(null), first);

    private Dictionary<string, string> Variables(IReadOnlyDictionary<string, string>? more) =>
        new(more ?? new Dictionary<string, string>()) { ["KUBECONFIG"] = kubeconfig, ["HOME"] = folder };

    /// <summary>Splits a command as a shell does, quotes honoured.</summary>
    private static List<string> Split(string command)
    {
        var words = new List<string>();
        var word = new global::System.Text.StringBuilder();
        char quote = '\0';
        bool open = false;
        foreach (char c in command)
        {
            if (quote != '\0')
            {
                if (c == quote)
                {
                    quote = '\0';
                }
                else
                {
                    word.Append(c);
                }
            }
            else if (c is '\'' or '"')
            {
                quote = c;
                open = true;
            }
            else if (c == ' ')
            {
                if (word.Length > 0 || open)
                {
                    words.Add(word.ToString());
                    word.Clear();
                    open = false;
                }
            }
            else
            {
                word.Append(c);
            }
        }

        if (word.Length > 0 || open)
        {
            words.Add(word.ToString());
        }

        return words;
    }
}
