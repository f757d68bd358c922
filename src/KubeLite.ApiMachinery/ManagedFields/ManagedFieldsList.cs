using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiMachinery.ManagedFields;

/// <summary>The content of <c>metadata.managedFields</c>.</summary>
public sealed class ManagedFieldsList : Dictionary<ManagerKey, ManagedEntry>
{
    /// <summary>Reads the entries.</summary>
    /// <exception cref="ManagedFieldsException">An entry is malformed.</exception>
    public static ManagedFieldsList Read(JsonList? entries)
    {
        var managed = new ManagedFieldsList();
        int index = 0;
        foreach (JsonMap entry in entries?.Maps() ?? [])
        {
            string operation = entry.String("operation") ?? "";
            string version = entry.String("apiVersion") ?? "";
            if (operation is not ("Apply" or "Update"))
            {
                throw new ManagedFieldsException("operation must be `Apply` or `Update`");
            }

            if (version.Length == 0)
            {
                throw new ManagedFieldsException("apiVersion must not be empty");
            }

            string type = entry.String("fieldsType") ?? "";
            if (type != "FieldsV1")
            {
                throw new ManagedFieldsException(type.Length == 0
                    ? $"missing fieldsType in managed fields entry {index}"
                    : $"invalid fieldsType \"{type}\" in managed fields entry {index}");
            }

            bool applied = operation == "Apply";
            var key = new ManagerKey(entry.String("manager") ?? "", applied, applied ? "" : version, entry.String("subresource") ?? "");
            managed[key] = new(FieldSet.FromJson(entry.Map("fieldsV1")), version, entry.String("time"));
            index++;
        }

        return managed;
    }

    /// <summary>The entries' JSON form in Kubernetes' order; null for none.</summary>
    public JsonList? ToJson()
    {
        if (Count == 0)
        {
            return null;
        }

        var list = new JsonList(Count);
        List<KeyValuePair<ManagerKey, ManagedEntry>> ordered = [.. this];
        ordered.Sort(Compare);
        foreach (var (key, entry) in ordered)
        {
            var json = new JsonMap(7);
            if (key.Manager.Length > 0)
            {
                json.Append("manager", key.Manager);
            }

            json.Append("operation", key.Applied ? "Apply" : "Update");
            json.Append("apiVersion", entry.ApiVersion);
            if (entry.Time is not null)
            {
                json.Append("time", entry.Time);
            }

            json.Append("fieldsType", "FieldsV1");
            json.Append("fieldsV1", entry.Fields.ToJson());
            if (key.Subresource.Length > 0)
            {
                json.Append("subresource", key.Subresource);
            }

            list.Add(json);
        }

        return list;
    }

    private static int Compare(KeyValuePair<ManagerKey, ManagedEntry> a, KeyValuePair<ManagerKey, ManagedEntry> b)
    {
        int order = b.Key.Applied.CompareTo(a.Key.Applied);
        order = order != 0 ? order : string.CompareOrdinal(a.Value.Time ?? "", b.Value.Time ?? "");
        order = order != 0 ? order : string.CompareOrdinal(a.Key.Manager, b.Key.Manager);
        order = order != 0 ? order : string.CompareOrdinal(a.Value.ApiVersion, b.Value.ApiVersion);
        return order != 0 ? order : string.CompareOrdinal(a.Key.Subresource, b.Key.Subresource);
    }
}
