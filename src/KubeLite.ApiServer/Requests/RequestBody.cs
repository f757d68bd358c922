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
        string type = MediaType(request);
        if (type == "application/vnd.kubernetes.protobuf")
        {
            return ParseProtobuf(body, kind);
        }

        if (type is not ("" or "application/json" or "application/yaml"))
        {
            throw new ApiException(415, "UnsupportedMediaType",
                "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf");
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
            throw Unrecognized(kind, yaml ? e.Message : NoKind + e.Message, body);
        }

        if (duplicates.Count > 0)
        {
            faults.AddRange(yaml ? [StrictFaults.OfYaml(duplicates)] : duplicates.Select(d => $"duplicate field \"{d}\""));
        }

        return value switch
        {
            JsonMap map => map,
            null => new JsonMap(),
            _ => throw Unrecognized(kind, NoObject(value), body),
        };
    }

    /// <summary>What Go's decoder says of a value that is no object.</summary>
    public static string NoObject(object? value) =>
        $"{NoKind}json: cannot unmarshal {JsonValue.KindName(value)} into Go value of type struct {{ APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }}";

    private static JsonMap ParseProtobuf(byte[] body, string expected)
    {
        try
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
                throw ApiException.BadRequest($"{kind} in version \"{sent.Version}\" cannot be handled as a {expected}: no kind \"{kind}\" is registered for version \"{apiVersion}\" in scheme \"pkg/api/legacyscheme/scheme.go:30\"");
            }

            JsonMap decoded = ProtobufDecoder.Decode(content, schema);
            // What Go writes for fields that have no value isn't something that the caller said.
            Normalizer.Normalize(decoded, schema);
            decoded["kind"] = kind;
            decoded["apiVersion"] = apiVersion;
            return decoded;
        }
        catch (DecodeException e)
        {
            throw Unrecognized(expected, e.Message, body);
        }
    }

    private static ApiException Unrecognized(string kind, string fault, byte[] body) =>
        ApiException.BadRequest($"the object provided is unrecognized (must be of type {kind}): {fault} ({Excerpt(body)})");

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
