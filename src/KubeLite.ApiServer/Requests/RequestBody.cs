using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiMachinery.Protobuf;

namespace KubeLite.ApiServer.Requests;

/// <summary>Reads and parses bodies.</summary>
public static class RequestBody
{
    /// <summary>The most bytes that a body may have: 3 MiB.</summary>
    public const int MaxBytes = 3 * 1024 * 1024;

    private const string Protobuf = "application/vnd.kubernetes.protobuf";
    private const string NoKind = "couldn't get version/kind; json parse error: ";

    /// <summary>Reads the whole body.</summary>
    /// <exception cref="ApiException">413: it is too large.</exception>
    public static async Task<byte[]> ReadAsync(ApiRequest request)
    {
        if (request.Http.Request.ContentLength > MaxBytes)
        {
            throw TooLarge();
        }

        PipeReader reader = request.Http.Request.BodyReader;
        while (true)
        {
            ReadResult read = await reader.ReadAsync(request.Aborted);
            if (read.Buffer.Length > MaxBytes)
            {
                // What was read is given up; the server can then read on while the client still sends.
                reader.AdvanceTo(read.Buffer.End);
                throw TooLarge();
            }

            if (read.IsCompleted)
            {
                byte[] body = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return body;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>The media type of the body, without parameters; empty for none.</summary>
    public static string MediaType(ApiRequest request)
    {
        string type = request.Http.Request.ContentType ?? "";
        int at = type.IndexOf(';');
        return (at < 0 ? type : type[..at]).Trim().ToLowerInvariant();
    }

    /// <summary>Parses the body of a create, update or delete.</summary>
    /// <param name="request">The request, for its Content-Type.</param>
    /// <param name="body">The bytes.</param>
    /// <param name="kind">The kind that is expected, for messages.</param>
    /// <param name="faults">Gets the members that stand twice, in Kubernetes' words.</param>
    /// <exception cref="ApiException">400 or 415 in Kubernetes' words.</exception>
    public static JsonMap Parse(ApiRequest request, byte[] body, string kind, List<string> faults)
    {
        try
        {
            return Read(request, body, kind, faults);
        }
        catch (DecodeException e)
        {
            throw ApiException.BadRequest($"the object provided is unrecognized (must be of type {kind}): {e.Message} ({Excerpt(body)})");
        }
    }

    /// <summary>Refuses bodies of types that can't be read.</summary>
    /// <exception cref="ApiException">415.</exception>
    public static void RequireType(ApiRequest request)
    {
        if (MediaType(request) is not ("" or "application/json" or "application/yaml" or Protobuf))
        {
            throw new ApiException(415, "UnsupportedMediaType",
                "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf");
        }
    }

    /// <summary>Parses a body.</summary>
    /// <param name="request">The request, for its Content-Type.</param>
    /// <param name="body">The bytes.</param>
    /// <param name="kind">The kind that is expected, for messages.</param>
    /// <param name="faults">Gets the members that stand twice, in Kubernetes' words.</param>
    /// <exception cref="DecodeException">It can't be read; the message is that of Go's decoders.</exception>
    /// <exception cref="ApiException">415, or 400 where it is of an unknown kind.</exception>
    public static JsonMap Read(ApiRequest request, byte[] body, string kind, List<string> faults)
    {
        RequireType(request);
        string type = MediaType(request);
        if (type == Protobuf)
        {
            return ReadProtobuf(body, kind);
        }

        bool yaml = type == "application/yaml";
        var duplicates = new List<string>();
        object? value;
        try
        {
            value = yaml ? YamlReading.Read(Encoding.UTF8.GetString(body), duplicates) : JsonReading.Read(body, duplicates);
        }
        catch (JsonSyntaxException e)
        {
            throw new DecodeException(yaml ? e.Message : NoKind + e.Message);
        }

        if (duplicates.Count > 0)
        {
            faults.AddRange(yaml ? [StrictFaults.OfYaml(duplicates)] : duplicates.Select(d => $"duplicate field \"{d}\""));
        }

        return value switch
        {
            JsonMap map => map,
            null => new JsonMap(),
            _ => throw new DecodeException(NoObject(value)),
        };
    }

    /// <summary>What Go's decoder says of a value that is no object.</summary>
    public static string NoObject(object? value) =>
        $"{NoKind}json: cannot unmarshal {JsonValue.KindName(value)} into Go value of type struct {{ APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }}";

    private static JsonMap ReadProtobuf(byte[] body, string expected)
    {
        (string apiVersion, string kind, byte[] content) = ProtobufEnvelope.Open(body);
        var sent = GroupVersionKind.Parse(apiVersion, kind);
        Schema? schema = kind switch
        {
            "DeleteOptions" => ApiFacts.Newest.Type("io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"),
            _ => ApiFacts.Newest.TryGetKind(sent, out Schema? found) ? found : null,
        };
        if (schema is null)
        {
            throw ApiException.BadRequest(
                $"{kind} in version \"{sent.Version}\" cannot be handled as a {expected}: no kind \"{kind}\" is registered for version \"{apiVersion}\" in scheme \"pkg/api/legacyscheme/scheme.go:30\"");
        }

        JsonMap decoded = ProtobufDecoder.Decode(content, schema);
        // What Go writes for fields that have no value isn't something that the caller said.
        Normalizer.Normalize(decoded, schema);
        decoded["kind"] = kind;
        decoded["apiVersion"] = apiVersion;
        return decoded;
    }

    /// <summary>The beginning of a body as messages show it: as text where it looks like an object, else in hex.</summary>
    private static string Excerpt(byte[] body)
    {
        const int Max = 30;
        if (body.Length == 0)
        {
            return "<empty>";
        }

        ReadOnlySpan<byte> start = body.AsSpan(0, Math.Min(body.Length, Max));
        return (body[0] == '{' ? Encoding.UTF8.GetString(start) : Convert.ToHexStringLower(start)) + (body.Length > Max ? " ..." : "");
    }

    private static ApiException TooLarge() =>
        new(413, "RequestEntityTooLarge", $"Request entity too large: limit is {MaxBytes}");
}
