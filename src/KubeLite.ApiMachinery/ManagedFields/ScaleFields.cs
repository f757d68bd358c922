using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiMachinery.ManagedFields;

/// <summary>
/// Brings managed fields from an object to its Scale and back: of an object's fields a Scale shows the number of replicas
/// (apimachinery's util/managedfields/scalehandler.go, v0.36).
/// </summary>
/// <param name="replicas">Where the object has its replicas, as names of members.</param>
/// <param name="apiVersion">The version in which the object is written.</param>
/// <param name="knows">Whether the object is served in a version; entries of others are dropped.</param>
public sealed class ScaleFields(string[] replicas, string apiVersion, Predicate<string> knows)
{
    private const string ScaleVersion = "autoscaling/v1";

    private static readonly FieldSet s_inScale = new FieldSet().With("spec", "replicas");

    private readonly FieldSet _inObject = new FieldSet().With(replicas);

    /// <summary>The managed fields of the Scale of an object with these; null for none.</summary>
    /// <exception cref="ManagedFieldsException">An entry is malformed.</exception>
    public JsonList? ToScale(JsonList? entries)
    {
        var scale = new ManagedFieldsList();
        foreach (var (key, entry) in ManagedFieldsList.Read(entries))
        {
            if (knows(entry.ApiVersion) && Owns(entry.Fields, _inObject))
            {
                scale[key] = new(s_inScale, ScaleVersion, entry.Time);
            }
        }

        return scale.ToJson();
    }

    /// <summary>
    /// The managed fields of an object that had <paramref name="entries"/>, once its Scale has <paramref name="scaleEntries"/>;
    /// null for none.
    /// </summary>
    /// <exception cref="ManagedFieldsException">An entry is malformed.</exception>
    public JsonList? ToObject(JsonList? entries, JsonList? scaleEntries)
    {
        ManagedFieldsList scale = ManagedFieldsList.Read(scaleEntries), result = [];
        foreach (var (key, entry) in ManagedFieldsList.Read(entries))
        {
            if (!knows(entry.ApiVersion))
            {
                continue;
            }

            if (!Owns(entry.Fields, _inObject) || scale.Remove(key))
            {
                result[key] = entry;
            }
            else if (entry.Fields.Difference(_inObject) is { IsEmpty: false } left)
            {
                result[key] = entry with { Fields = left };
            }
        }

        foreach (var (key, entry) in scale)
        {
            if (Owns(entry.Fields, s_inScale))
            {
                // Kubernetes looks its time up among the object's managers, where it isn't.
                result[key] = new(_inObject, apiVersion, null);
            }
        }

        return result.ToJson();
    }

    private static bool Owns(FieldSet fields, FieldSet path) => !fields.Intersection(path).IsEmpty;
}
