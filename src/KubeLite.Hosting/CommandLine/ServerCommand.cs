using System.CommandLine;
using System.Globalization;

namespace KubeLite.Hosting.CommandLine;

/// <summary>
/// The flags of an executable, in the manner of kube-*: <c>--flag value</c> and <c>--flag=value</c>, lists separated by
/// commas or given more than once, durations as Go writes them.
/// </summary>
public sealed class ServerCommand
{
    private readonly RootCommand _root;
    private readonly string _name;

    /// <summary>Begins the flags of an executable.</summary>
    /// <param name="name">The name of the executable, put before error lines.</param>
    /// <param name="description">One sentence for <c>--help</c>.</param>
    public ServerCommand(string name, string description)
    {
        _name = name;
        _root = new RootCommand(description);
    }

    /// <summary>The underlying command, for executables with subcommands.</summary>
    public RootCommand Root => _root;

    /// <summary>Adds a text flag.</summary>
    public Option<string> String(string flag, string fallback, string description) => Add(
        new Option<string>("--" + flag) { Description = description, DefaultValueFactory = _ => fallback });

    /// <summary>Adds a whole-number flag.</summary>
    public Option<int> Int(string flag, int fallback, string description) => Add(
        new Option<int>("--" + flag) { Description = description, DefaultValueFactory = _ => fallback });

    /// <summary>Adds a flag that is on when it stands alone and takes <c>=true</c> or <c>=false</c>.</summary>
    public Option<bool> Bool(string flag, bool fallback, string description) => Add(
        new Option<bool>("--" + flag) { Description = description, DefaultValueFactory = _ => fallback });

    /// <summary>Adds a duration flag, for example <c>15s</c>.</summary>
    public Option<TimeSpan> Duration(string flag, TimeSpan fallback, string description) => Add(
        new Option<TimeSpan>("--" + flag)
        {
            Description = description,
            DefaultValueFactory = _ => fallback,
            CustomParser = result =>
            {
                if (GoDuration.TryParse(result.Tokens[0].Value, out var value))
                {
                    return value;
                }

                result.AddError(string.Create(CultureInfo.InvariantCulture,
                    $"--{flag} is \"{result.Tokens[0].Value}\": write a duration such as 15s or 1m30s"));
                return default;
            },
        });

    /// <summary>Adds a list flag: comma-separated, and the values of repeated flags are joined.</summary>
    public Option<IReadOnlyList<string>> List(string flag, IReadOnlyList<string> fallback, string description) => Add(
        new Option<IReadOnlyList<string>>("--" + flag)
        {
            Description = description,
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
            DefaultValueFactory = _ => fallback,
            CustomParser = result =>
            {
                var values = new List<string>();
                foreach (var token in result.Tokens)
                {
                    values.AddRange(token.Value.Split(
                        ',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
                }

                return values;
            },
        });

    /// <summary>
    /// Parses the arguments and runs <paramref name="action"/>. Errors, including <see cref="StartupException"/>, become one
    /// line on standard error and exit code 1; anything unexpected does too, with its type named and no stack trace.
    /// </summary>
    public async Task<int> InvokeAsync(string[] args, Func<ParseResult, CancellationToken, Task<int>> action)
    {
        _root.SetAction((flags, cancellationToken) => action(flags, cancellationToken));
        var parsed = _root.Parse(args, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0 && parsed.Action is not System.CommandLine.Help.HelpAction)
        {
            return await FailAsync(parsed.Errors[0].Message);
        }

        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (StartupException e)
        {
            return await FailAsync(e.Message);
        }
        catch (OperationCanceledException)
        {
            return await FailAsync("stopped before it was done");
        }
        catch (Exception e)
        {
            return await FailAsync($"unexpected {e.GetType().Name}: {e.Message}");
        }
    }

    private async Task<int> FailAsync(string message)
    {
        await Console.Error.WriteLineAsync($"{_name}: {message.ReplaceLineEndings(" ")}");
        return 1;
    }

    private TOption Add<TOption>(TOption option) where TOption : Option
    {
        _root.Add(option);
        return option;
    }
}
