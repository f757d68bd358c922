using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiMachinery.Patches;
using Xunit;

namespace KubeLite.ApiMachinery.Tests.Properties;

/// <summary>A patch made of two objects brings the one to the other.</summary>
public sealed class PatchPropertyTests
{
    private const int Seeds = 8;

    public static TheoryData<string> Served => Kinds.Served();

    [Theory]
    [MemberData(nameof(Served))]
    public void StrategicMerge_PatchBetweenTwoObjects_MakesTheOther(string name)
    {
        (GroupVersionKind kind, Schema schema) = Kinds.Find(name);
        for (int seed = 0; seed < Seeds; seed++)
        {
            JsonMap from = Mergeable(new RandomObjects(seed).Of(kind, schema), schema), to = Mergeable(
                new RandomObjects(seed + 1000).Of(kind, schema), schema);
            JsonMap patched = StrategicMergePatch.Apply(from, StrategicPatchMaker.Make(from, to, schema), schema);
            Normalizer.Normalize(patched, schema);
            Kinds.Same(to, patched, name, seed);
        }
    }

    /// <summary>Takes away items without a key of their own among those that patches tell apart by one key only.</summary>
    private static JsonMap Mergeable(JsonMap map, Schema schema)
    {
        foreach (SchemaField field in schema.Fields)
        {
            switch (map[field.Name])
            {
                case JsonMap inner when field.Schema.Kind == ValueKind.Object:
                    Mergeable(inner, field.Schema);
                    break;
                case JsonList list:
                    Items(list, field);
                    if (list.Count == 0)
                    {
                        map.Remove(field.Name);
                    }

                    break;
            }
        }

        return map;
    }

    private static void Items(JsonList list, SchemaField field)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int i = list.Count - 1; i >= 0; i--)
        {
            if (list[i] is JsonMap item && field.Schema.Element!.Kind == ValueKind.Object)
            {
                Mergeable(item, field.Schema.Element);
            }

            object? key = field.PatchMergeKey is { } name ? (list[i] as JsonMap)?[name] : list[i];
            if (field.PatchMerges && (key is null || !seen.Add(JsonWriting.ToText(key))))
            {
                list.RemoveAt(i);
            }
        }
    }
}
