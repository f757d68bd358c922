using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiMachinery.Patches;
using KubeLite.ApiServer.Requests;

namespace KubeLite.ApiServer.Endpoints;

/// <summary>
/// A JSON patch, merge patch or strategic merge patch as it was sent. It is parsed when it is first applied: what is wrong
/// with it is only said of objects that exist. Not thread-safe.
/// </summary>
/// <param name="type">Its media type.</param>
/// <param name="body">Its bytes.</param>
/// <param name="validates">False where the caller lets unknown and duplicate members pass unmentioned.</param>
public sealed class SentPatch(string type, byte[] body, bool validates)
{
    private readonly List<string> _faults = [];
    private object? _patch;
    private bool _parsed;

    /// <summary>True for a strategic merge patch.</summary>
    public bool IsStrategic => type == "application/strategic-merge-patch+json";

    /// <summary>Members of the patch that are unknown or stand twice, in Kubernetes' words; known once it was applied.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>The patched copy of an object, not yet decoded.</summary>
    /// <exception cref="PatchException">The patch is malformed or doesn't apply.</exception>
    /// <exception cref="DecodeException">What it makes is no object.</exception>
    public JsonMap Apply(JsonMap current, Schema schema)
    {
        object? made = Make(current, schema);
        return made as JsonMap ?? throw new DecodeException(RequestBody.NoObject(made));
    }

    /// <summary>
    /// What an error shows of it: the object that it makes of another; of a strategic merge patch itself what is left of it.
    /// </summary>
    public string Shown(JsonMap current, Schema schema)
    {
        if (!IsStrategic)
        {
            return JsonWriting.ToText(Make(current, schema));
        }

        JsonMap left = Strategic().DeepCopy();
        StrategicMergePatch.Apply(current, left, schema);
        return GoText.Of(left);
    }

    private object? Make(JsonMap current, Schema schema)
    {
        Parse();
        return type switch
        {
            "application/json-patch+json" => JsonPatch.Apply(current, _patch),
            "application/merge-patch+json" => MergePatch.Apply(current, _patch),
            _ => StrategicMergePatch.Apply(current, Strategic().DeepCopy(), schema),
        };
    }

    private JsonMap Strategic() => _patch switch
    {
        JsonMap map => map,
        null => [],
        _ => throw new PatchException(
            400, $"json: cannot unmarshal {JsonValue.KindName(_patch)} into Go value of type map[string]interface {{}}"),
    };

    private void Parse()
    {
        if (_parsed)
        {
            return;
        }

        bool list = type == "application/json-patch+json";
        string mark = list ? "json patch " : "";
        var duplicates = new List<string>();
        try
        {
            _patch = JsonReading.Read(body, duplicates);
        }
        catch (JsonSyntaxException e)
        {
            throw new PatchException(
                400,
                IsStrategic || (list && !validates) ? e.Message : validates ? $"error decoding patch: {e.Message}" : "Invalid JSON Patch");
        }

        _faults.AddRange(duplicates.Select(d => $"{mark}duplicate field \"{d}\""));
        if (list)
        {
            var unknown = new List<string>();
            JsonPatch.Check(_patch, unknown);
            _faults.AddRange(unknown.Select(u => $"{mark}unknown field \"{u}\""));
        }

        _parsed = true;
    }
}
