using System.Globalization;
using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.Streaming;

/// <summary>
/// How a command in a container ended, from what the kubelet said on the error stream to the Status that a WebSocket client
/// gets on channel 3 (client-go's <c>tools/remotecommand</c> v1.36 and the API server's stream translator).
/// </summary>
public static class RemoteCommandStatus
{
    private const string NonZeroExitCode = "NonZeroExitCode";
    private const string ExitCode = "ExitCode";

    /// <summary>It ended well.</summary>
    public static JsonMap Success => new() { { "metadata", new JsonMap() }, { "status", "Success" } };

    /// <summary>It couldn't be run, or nobody knows how it ended.</summary>
    public static JsonMap Failure(string message)
    {
        JsonMap status = ApiException.Internal(message).ToStatus();
        status.Remove("kind");
        status.Remove("apiVersion");
        return status;
    }

    /// <summary>From all that was said on the error stream.</summary>
    /// <param name="said">The bytes.</param>
    /// <param name="version">The version of channel.k8s.io: from 4 on a Status is said, before a text.</param>
    public static JsonMap Of(ReadOnlySpan<byte> said, int version)
    {
        if (said.Length == 0)
        {
            return Success;
        }

        if (version < 4)
        {
            return Failure($"{(version == 1 ? "Error" : "error")} executing remote command: {Encoding.UTF8.GetString(said)}");
        }

        JsonMap status;
        try
        {
            status = JsonReading.ReadMap(said);
        }
        catch (JsonSyntaxException e)
        {
            return Failure($"error stream protocol error: {e.Message} in {FieldError.GoQuote(Encoding.UTF8.GetString(said))}");
        }

        return status.String("status") switch
        {
            "Success" => Success,
            "Failure" when status.String("reason") == NonZeroExitCode => Exit(status.Map("details")),
            "Failure" => Failure(status.String("message") ?? ""),
            _ => Failure("error stream protocol error: unknown error"),
        };
    }

    private static JsonMap Exit(JsonMap? details)
    {
        if (details is null)
        {
            return Failure("error stream protocol error: details must be set");
        }

        string? given = details.List("causes")?.Maps().FirstOrDefault(c => c.String("reason") == ExitCode)?.String("message");
        if (given is null)
        {
            return Failure($"error stream protocol error: no {ExitCode} cause given");
        }

        if (!byte.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out byte code))
        {
            return Failure($"error stream protocol error: invalid exit code value {FieldError.GoQuote(given)}");
        }

        return new JsonMap
        {
            { "metadata", new JsonMap() },
            { "status", "Failure" },
            { "message", $"command terminated with non-zero exit code: command terminated with exit code {code}" },
            { "reason", NonZeroExitCode },
            {
                "details",
                new JsonMap
                {
                    { "causes", new JsonList
                    {
                        new JsonMap { { "reason", ExitCode }, { "message", code.ToString(CultureInfo.InvariantCulture) } },
                    } },
                }
            },
        };
    }
}
