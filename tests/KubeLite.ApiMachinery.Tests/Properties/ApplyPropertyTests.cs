using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiMachinery.ManagedFields;
using Xunit;

namespace KubeLite.ApiMachinery.Tests.Properties;

/// <summary>What holds of server-side apply whatever is applied.</summary>
public sealed class ApplyPropertyTests
{
    private const int Seeds = 8;
    private const string Now = "2024-01-02T03:04:05Z";

    public static TheoryData<string> Served => Kinds.Served();

    [Theory]
    [MemberData(nameof(Served))]
    public void Apply_TheSameTwice_ChangesNothing(string name)
    {
        (GroupVersionKind kind, Schema schema) = Kinds.Find(name);
        for (int seed = 0; seed < Seeds; seed++)
        {
            JsonMap config = new RandomObjects(seed).Of(kind, schema, sent: true);
            FieldManager manager = Manager(kind, schema);
            JsonMap first = Stored(manager.Apply(Empty(kind), config.DeepCopy(), "a", false, Now).Object, schema);
            (JsonMap second, bool changed) = manager.Apply(first.DeepCopy(), config.DeepCopy(), "a", false, "2025-01-01T00:00:00Z");
            Assert.False(changed, $"{name}, seed {seed}");
            Kinds.Same(first, Stored(second, schema), name, seed);
        }
    }

    [Theory]
    [MemberData(nameof(Served))]
    public void Apply_DisjointConfigurationsOfTwoManagers_Commute(string name)
    {
        (GroupVersionKind kind, Schema schema) = Kinds.Find(name);
        for (int seed = 0; seed < Seeds; seed++)
        {
            (JsonMap one, JsonMap other) = Halves(new RandomObjects(seed).Of(kind, schema, sent: true));
            Kinds.Same(Both(kind, schema, one, other), Both(kind, schema, other, one), name, seed);
        }
    }

    [Theory]
    [MemberData(nameof(Served))]
    public void Apply_ThenWithLess_TakesAwayWhatIsNoLongerNamed(string name)
    {
        (GroupVersionKind kind, Schema schema) = Kinds.Find(name);
        for (int seed = 0; seed < Seeds; seed++)
        {
            JsonMap config = new RandomObjects(seed).Of(kind, schema, sent: true);
            (JsonMap half, _) = Halves(config);
            FieldManager manager = Manager(kind, schema);
            JsonMap whole = Stored(manager.Apply(Empty(kind), config, "a", false, Now).Object, schema);
            JsonMap less = Stored(manager.Apply(whole, half.DeepCopy(), "a", false, Now).Object, schema);
            JsonMap alone = Stored(manager.Apply(Empty(kind), half, "a", false, Now).Object, schema);
            Kinds.Same(Untracked(alone), Untracked(less), name, seed);
        }
    }

    private static FieldManager Manager(GroupVersionKind kind, Schema schema) =>
        new(schema, kind.ApiVersion, "", null, (obj, _) => obj, _ => schema);

    private static JsonMap Empty(GroupVersionKind kind) =>
        new() { { "kind", kind.Kind }, { "apiVersion", kind.ApiVersion }, { "metadata", new JsonMap() } };

    private static JsonMap Stored(JsonMap obj, Schema schema)
    {
        obj.MapAt("metadata")["uid"] = "u";
        Normalizer.Normalize(obj, schema);
        return obj;
    }

    private static JsonMap Untracked(JsonMap obj)
    {
        obj.MapAt("metadata").Remove("managedFields");
        return obj;
    }

    private static JsonMap Both(GroupVersionKind kind, Schema schema, JsonMap first, JsonMap second)
    {
        FieldManager manager = Manager(kind, schema);
        JsonMap obj = Stored(manager.Apply(Empty(kind), first.DeepCopy(), Half(first), false, Now).Object, schema);
        return Sorted(Untracked(Stored(manager.Apply(obj, second.DeepCopy(), Half(second), false, Now).Object, schema)));
    }

    private static string Half(JsonMap config) => config.MapAt("metadata").MapAt("annotations").At(0).Key;

    private static JsonMap Sorted(JsonMap obj)
    {
        obj.MapAt("metadata")["annotations"] = new JsonList(obj.MapAt("metadata").MapAt("annotations").Select(m => (object?)m.Key).Order());
        return obj;
    }

    /// <summary>Two configurations that share no field: members beside metadata go to one or the other, those of the spec too.</summary>
    private static (JsonMap One, JsonMap Other) Halves(JsonMap config)
    {
        JsonMap[] halves = [Head("one"), Head("other")];
        int turn = 0;
        foreach (var (name, value) in config)
        {
            if (name is "kind" or "apiVersion" or "metadata")
            {
                continue;
            }

            if (name == "spec" && value is JsonMap spec)
            {
                foreach (var (member, inner) in spec)
                {
                    halves[turn++ % 2].MapAt("spec")[member] = JsonValue.DeepCopy(inner);
                }
            }
            else
            {
                halves[turn++ % 2][name] = JsonValue.DeepCopy(value);
            }
        }

        return (halves[0], halves[1]);

        JsonMap Head(string half) => new()
        {
            { "kind", config["kind"] },
            { "apiVersion", config["apiVersion"] },
            { "metadata", new JsonMap { { "name", "x" }, { "annotations", new JsonMap { { half, "1" } } } } },
        };
    }
}
