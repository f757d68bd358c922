using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.CustomResources;

/// <summary>
/// Which of the names that a definition asks for it gets: those that no other of its group has (apiextensions'
/// <c>controller/status/naming_controller.go</c> of v1.36).
/// </summary>
public sealed class NameDecision
{
    private readonly string _reason;
    private readonly string _message;

    private NameDecision(JsonMap names, string reason, string message)
    {
        Names = names;
        _reason = reason;
        _message = message;
    }

    /// <summary>The accepted names.</summary>
    public JsonMap Names { get; }

    /// <summary>True where all names are accepted.</summary>
    public bool Established => _reason == "NoConflicts";

    /// <summary>Decides.</summary>
    /// <param name="crd">The definition.</param>
    /// <param name="others">The other definitions.</param>
    public static NameDecision Of(JsonMap crd, IEnumerable<JsonMap> others)
    {
        JsonMap spec = crd.MapAt("spec"), wanted = spec.MapAt("names");
        JsonMap accepted = crd.Map("status")?.Map("acceptedNames") ?? new JsonMap();
        var resources = new HashSet<string>(StringComparer.Ordinal);
        var kinds = new HashSet<string>(StringComparer.Ordinal);
        // Its own names count too: a short name can't be what the plural is already.
        IEnumerable<JsonMap> group = others.Where(o => o.MapAt("spec").String("group") == spec.String("group")).Append(crd);
        foreach (JsonMap names in group.Select(o => o.Map("status")?.Map("acceptedNames")).OfType<JsonMap>())
        {
            resources.UnionWith(
                ((string?[])[names.String("plural"), names.String("singular"), .. names.List("shortNames")?.Strings() ?? []])
                    .OfType<string>().Where(n => n.Length > 0));
            kinds.UnionWith(((string?[])[names.String("kind"), names.String("listKind")]).OfType<string>().Where(n => n.Length > 0));
        }

        JsonMap result = accepted.DeepCopy();
        string reason = "NoConflicts", message = "no conflicts found";
        Decide("plural", "PluralConflict", resources);
        Decide("singular", "SingularConflict", resources);
        List<string> known = [.. accepted.List("shortNames")?.Strings() ?? []];
        List<string> taken =
            [.. (wanted.List("shortNames")?.Strings() ?? []).Where(s => !known.Contains(s) && resources.Contains(s)).Select(InUse)];
        if (taken.Count > 0)
        {
            (reason, message) = ("ShortNamesConflict", taken.Count == 1 ? taken[0] : $"[{string.Join(", ", taken.Distinct())}]");
        }
        else
        {
            Take("shortNames");
        }

        Decide("kind", "KindConflict", kinds);
        Decide("listKind", "ListKindConflict", kinds);
        Take("categories");
        return new NameDecision(result, reason, message);

        void Decide(string field, string conflict, HashSet<string> used)
        {
            string? name = wanted.String(field);
            if (name is not null && name != accepted.String(field) && used.Contains(name))
            {
                (reason, message) = (conflict, InUse(name));
            }
            else
            {
                Take(field);
            }
        }

        void Take(string field)
        {
            if (wanted[field] is { } value)
            {
                result[field] = JsonValue.DeepCopy(value);
            }
            else
            {
                result.Remove(field);
            }
        }
    }

    /// <summary>True where the definition's status doesn't say so yet.</summary>
    public bool Changes(JsonMap crd) =>
        !Same(crd.Map("status")?.Map("acceptedNames"), Names) ||
        Conditions.Find(crd, "NamesAccepted") is not { } present ||
        present.String("reason") != _reason || present.String("message") != _message ||
        (Established && !Conditions.IsTrue(crd, "Established"));

    /// <summary>Writes the decision into a definition's status.</summary>
    public void ApplyTo(JsonMap crd, string now)
    {
        crd.MapAt("status")["acceptedNames"] = Names.DeepCopy();
        Conditions.Set(crd, "NamesAccepted", Established ? "True" : "False", _reason, _message, now);
        if (Conditions.IsTrue(crd, "Established"))
        {
            return;
        }

        if (Established)
        {
            Conditions.Set(crd, "Established", "True", "InitialNamesAccepted", "the initial names have been accepted", now);
        }
        else if (Conditions.Find(crd, "Established") is null)
        {
            Conditions.Set(crd, "Established", "False", "NotAccepted", "not all names are accepted", now);
        }
    }

    private static bool Same(JsonMap? a, JsonMap b) =>
        ((string[])["plural", "singular", "shortNames", "kind", "listKind", "categories"]).All(f => JsonValue.DeepEquals(a?[f], b[f]));

    private static string InUse(string name) => $"{FieldError.GoQuote(name)} is already in use";
}
