using System.Text;
using System.Text.Json.Nodes;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiMachinery.Protobuf;

namespace KubeLite.ApiServer.Tests.Fuzzing;

/// <summary>A request to send.</summary>
public sealed record FuzzRequest(string Method, string Path, string Type, string Accept, byte[]? Body)
{
    /// <summary>True where the answer may be a stream that doesn't end.</summary>
    public bool Streams => Path.Contains("watch", StringComparison.Ordinal) || Path.Contains("follow", StringComparison.Ordinal);

    /// <inheritdoc />
    public override string ToString() =>
        $"{Method} {Path}\n  Content-Type: {Type}\n  Accept: {Accept}\n  {BodyText()}";

    private string BodyText() => Body is null
        ? "(no body)"
        : Type.Contains("protobuf", StringComparison.Ordinal) ? Convert.ToHexStringLower(Body) : Encoding.UTF8.GetString(Body);
}

/// <summary>Makes requests that resemble a seed, by a random source that decides everything.</summary>
public sealed class RequestMutator(Random random)
{
    private const string Protobuf = "application/vnd.kubernetes.protobuf";

    private static readonly string[] s_methods = ["GET", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

    private static readonly string[] s_types =
    [
        "application/json", "application/yaml", Protobuf, "application/json-patch+json", "application/merge-patch+json",
        "application/strategic-merge-patch+json",
        "application/apply-patch+yaml", "application/apply-patch+cbor", "text/plain", "", "application/json; charset=utf-8", "garbage",
    ];

    private static readonly string[] s_accepts =
    [
        "application/json", "application/yaml", Protobuf, "*/*", "", "text/html", "application/json;as=Table;v=v1;g=meta.k8s.io",
        "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json",
        "application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io,application/json",
        "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json", "application/json;q=x", ";;;",
        "application/json;as=;v=;g=",
    ];

    private static readonly string[] s_parameters =
    [
        "limit", "continue", "labelSelector", "fieldSelector", "resourceVersion", "resourceVersionMatch", "timeoutSeconds",
        "allowWatchBookmarks", "sendInitialEvents", "watch",
        "pretty", "dryRun", "fieldManager", "fieldValidation", "force", "gracePeriodSeconds", "propagationPolicy", "orphanDependents",
        "timeout", "includeObject",
        "container", "tailLines", "sinceSeconds", "sinceTime", "ports", "command", "labelselector",
    ];

    private static readonly string[] s_arguments =
    [
        "", "true", "false", "1", "0", "5", "-1", "abc", "All", "Strict", "Warn", "Ignore", "Exact", "NotOlderThan", "Background",
        "Foreground", "Orphan", "None", "Metadata",
        "a=b", "a!=b", "a in (b)", "a notin (b,c)", "!a", "a=b,,c", "a>5", "metadata.name=x", "metadata.name!=x", "status.phase=Running",
        "spec.nodeName=", "=", "\\,", "a\\",
        "99999999999999999999", "1e5", "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJ4In0", "10s", "1h1h", "\0", "\u00e9",
    ];

    private readonly JsonMutator _json = new(random);

    /// <summary>Makes a request.</summary>
    /// <param name="seed">What it resembles.</param>
    /// <param name="ns">The namespace that stands for the seed's.</param>
    public FuzzRequest Make(FuzzSeed seed, string ns)
    {
        string method = random.Next(12) == 0 ? s_methods[random.Next(s_methods.Length)] : seed.Method;
        string path = Query(Path(seed.Path));
        string type = random.Next(12) == 0 ? s_types[random.Next(s_types.Length)] : seed.Type;
        string accept = random.Next(3) == 0 ? s_accepts[random.Next(s_accepts.Length)] : "application/json";
        byte[]? body = seed.Body is null ? random.Next(20) == 0 ? "{}"u8.ToArray() : null : Body(seed, ns, ref type);
        return new FuzzRequest(
            method, path.Replace("${ns}", ns, StringComparison.Ordinal).Replace("${id}", ns, StringComparison.Ordinal), type, accept, body);
    }

    private byte[] Body(FuzzSeed seed, string ns, ref string type)
    {
        JsonNode? document = random.Next(6) == 0 ? seed.Body : _json.Mutate(seed.Body);
        string text = document is System.Text.Json.Nodes.JsonValue value && value.TryGetValue(out string? raw)
            && !seed.Type.StartsWith("application/json", StringComparison.Ordinal)
            ? raw
            : document?.ToJsonString() ?? "null";
        text = text.Replace("${ns}", ns, StringComparison.Ordinal).Replace("${id}", ns, StringComparison.Ordinal);
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        if (seed.Type == "application/json" && random.Next(8) == 0 && TryProtobuf(bytes) is { } message)
        {
            type = Protobuf;
            bytes = message;
        }

        return random.Next(12) == 0 ? Damage(bytes) : bytes;
    }

    /// <summary>The protobuf form of a body; null where it has none.</summary>
    private static byte[]? TryProtobuf(byte[] json)
    {
        try
        {
            return ProtobufEncoder.TryEncode(JsonReading.ReadMap(json), ApiFacts.Newest);
        }
        catch (Exception)
        {
            // The encoder takes what the server's own decoder has passed; most mutants are not that.
            return null;
        }
    }

    private byte[] Damage(byte[] bytes)
    {
        var list = new List<byte>(bytes);
        for (int times = 1 + random.Next(4); times > 0 && list.Count > 0; times--)
        {
            int at = random.Next(list.Count);
            switch (random.Next(4))
            {
                case 0:
                    list[at] = (byte)random.Next(256);
                    break;
                case 1:
                    list.RemoveRange(at, Math.Min(list.Count - at, 1 + random.Next(20)));
                    break;
                case 2:
                    list.InsertRange(at, list.GetRange(at, Math.Min(list.Count - at, 1 + random.Next(40))));
                    break;
                default:
                    list.Insert(at, (byte)random.Next(256));
                    break;
            }
        }

        return [.. list];
    }

    private string Path(string path)
    {
        if (random.Next(15) != 0)
        {
            return path;
        }

        string[] halves = path.Split('?', 2);
        List<string> parts = [.. halves[0].Split('/')];
        int at = 1 + random.Next(Math.Max(1, parts.Count - 1));
        switch (random.Next(4))
        {
            case 0:
                parts.RemoveAt(Math.Min(at, parts.Count - 1));
                break;
            case 1:
                parts.Insert(Math.Min(at, parts.Count), Uri.EscapeDataString(_json.Text()));
                break;
            case 2:
                parts.Add(random.Next(3) switch { 0 => "status", 1 => "scale", _ => "nope" });
                break;
            default:
                parts[Math.Min(at, parts.Count - 1)] = Uri.EscapeDataString(_json.Text());
                break;
        }

        string joined = string.Join('/', parts);
        return (joined.StartsWith('/') ? joined : "/" + joined) + (halves.Length > 1 ? "?" + halves[1] : "");
    }

    private string Query(string path)
    {
        while (random.Next(4) == 0)
        {
            path += (path.Contains('?', StringComparison.Ordinal) ? "&" : "?") +
                s_parameters[random.Next(s_parameters.Length)] + "=" + Uri.EscapeDataString(s_arguments[random.Next(s_arguments.Length)]);
        }

        return path;
    }
}
