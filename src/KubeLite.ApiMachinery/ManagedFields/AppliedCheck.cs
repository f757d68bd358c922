using System.Globalization;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiMachinery.ManagedFields;

/// <summary>
/// Checks an applied configuration, as it was sent, against its kind's schema: types, undeclared fields, and lists that
/// name an item twice (structured-merge-diff v6.3, <c>typed/validate.go</c>).
/// </summary>
public sealed class AppliedCheck
{
    private readonly List<string> _faults = [];

    private AppliedCheck() { }

    /// <summary>Throws where something is wrong.</summary>
    /// <exception cref="ManagedFieldsException">With all faults and their paths, in Kubernetes' words.</exception>
    public static void Run(JsonMap config, Schema schema)
    {
        var check = new AppliedCheck();
        check.Value(config, schema, "");
        if (check._faults.Count > 0)
        {
            throw new ManagedFieldsException(
                check._faults.Count == 1 ? check._faults[0] : "errors:\n  " + string.Join("\n  ", check._faults));
        }
    }

    private void Value(object? value, Schema schema, string path)
    {
        if (value is null)
        {
            return;
        }

        switch (schema.Kind)
        {
            case ValueKind.Object or ValueKind.Map when value is JsonMap map:
                Map(map, schema, path);
                break;
            case ValueKind.Object or ValueKind.Map:
                Fault(path, $"expected map, got &{{{GoText.Of(value)}}}");
                break;
            case ValueKind.List when value is JsonList list:
                List(list, schema, path);
                break;
            case ValueKind.List:
                Fault(path, $"expected list, got &{{{GoText.Of(value)}}}");
                break;
            case ValueKind.String or ValueKind.Bytes or ValueKind.Duration when value is not string:
                Fault(path, $"expected string, got &value.valueUnstructured{{Value:{GoText.Source(value)}}}");
                break;
            case ValueKind.Boolean when value is not bool:
                Fault(path, $"expected boolean, got &{{{GoText.Of(value)}}}");
                break;
            case ValueKind.Int32 or ValueKind.Int64 or ValueKind.Double when value is not (long or double):
                Fault(path, $"expected numeric (int or float), got {GoText.TypeOf(value)}");
                break;
            case ValueKind.Quantity or ValueKind.IntOrString or ValueKind.Time or ValueKind.MicroTime when value is JsonMap or JsonList:
                Fault(path, $"expected any scalar, got &{{{GoText.Of(value)}}}");
                break;
        }
    }

    private void Map(JsonMap map, Schema schema, string path)
    {
        foreach (var (name, member) in map)
        {
            if (schema.Kind == ValueKind.Object && !schema.PreserveUnknown && !schema.TryGetField(name, out _))
            {
                // Kubernetes doesn't look at the rest of such a map either.
                Fault($"{path}.{name}", "field not declared in schema");
                return;
            }

            Value(member, TypedValues.Member(schema, name).Schema, $"{path}.{name}");
        }
    }

    private void List(JsonList list, Schema schema, string path)
    {
        var seen = new HashSet<PathElement>();
        for (int i = 0; i < list.Count; i++)
        {
            string step = string.Create(CultureInfo.InvariantCulture, $"[{i}]");
            if (schema.ListType != ListType.Atomic)
            {
                try
                {
                    PathElement element = PathElement.ForItem(schema, list[i]);
                    step = element.ToString();
                    if (!seen.Add(element))
                    {
                        Fault(path, $"duplicate entries for key {element}");
                    }
                }
                catch (ManagedFieldsException e)
                {
                    Fault(path, string.Create(CultureInfo.InvariantCulture, $"element {i}: {e.Message}"));
                    return;
                }
            }

            Value(list[i], TypedValues.Item(schema), path + step);
        }
    }

    private void Fault(string path, string what) => _faults.Add(path.Length == 0 ? what : $"{path}: {what}");
}
