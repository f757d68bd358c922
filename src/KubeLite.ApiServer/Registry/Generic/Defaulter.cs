using System.Collections.Concurrent;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiMachinery.Quantities;

namespace KubeLite.ApiServer.Registry.Generic;

/// <summary>
/// Sets the defaults of built-in types wherever they occur: each type may have a rule, which runs before those of the
/// types below it. Amounts of the core group's resources are rounded up to thousandths, as Kubernetes has it among its defaults
/// (v1.36, <c>SetDefaults_ResourceList</c>). A custom resource's schema brings its own defaults.
/// </summary>
public sealed class Defaulter
{
    private readonly Dictionary<string, Action<JsonMap>> _rules = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Schema, bool> _concerned = new();
    private readonly ConcurrentDictionary<Schema, Plan> _plans = new();

    /// <summary>Adds a rule for a type, after those it has.</summary>
    /// <param name="typeName">The full name of the type: <c>io.k8s.api.core.v1.Container</c>.</param>
    /// <param name="rule">Sets the defaults in the object.</param>
    public void Add(string typeName, Action<JsonMap> rule) =>
        _rules[typeName] = _rules.TryGetValue(typeName, out Action<JsonMap>? first) ? first + rule : rule;

    /// <summary>Sets the defaults of an object and all that it holds.</summary>
    public void Apply(JsonMap value, Schema schema)
    {
        if (!_plans.TryGetValue(schema, out Plan? plan))
        {
            plan = _plans.GetOrAdd(schema, PlanOf(schema));
        }

        plan.Rule?.Invoke(value);
        foreach (SchemaField field in plan.Amounts)
        {
            Round(value.Map(field.Name));
        }

        foreach (SchemaField field in plan.Concerned)
        {
            if (value.TryGetValue(field.Name, out object? member))
            {
                Descend(member, field.Schema);
            }
        }
    }

    private Plan PlanOf(Schema schema) => new(
        schema.TypeName is null ? null : _rules.GetValueOrDefault(schema.TypeName),
        [.. schema.Fields.Where(f => IsResourceList(schema, f))],
        [.. schema.Fields.Where(f => !IsResourceList(schema, f) && Concerns(f.Schema, []))]);

    private static bool IsResourceList(Schema owner, SchemaField field) =>
        field.Schema is { Kind: ValueKind.Map, Element.Kind: ValueKind.Quantity } &&
        owner.TypeName?.StartsWith("io.k8s.api.core.v1.", StringComparison.Ordinal) == true;

    private static void Round(JsonMap? amounts)
    {
        for (int i = 0; i < amounts?.Count; i++)
        {
            // Only what is written in smaller parts can have to be rounded.
            if (amounts.At(i).Value is string text && text.AsSpan().ContainsAny('n', 'u', 'e') &&
                Quantity.TryParse(text, out Quantity amount, out _))
            {
                amounts.SetAt(i, amount.RoundedToMilli.ToString());
            }
        }
    }

    private void Descend(object? value, Schema schema)
    {
        switch (value)
        {
            case JsonMap map when schema.Kind == ValueKind.Object:
                Apply(map, schema);
                break;
            case JsonMap map when schema.Kind == ValueKind.Map:
                for (int i = 0; i < map.Count; i++)
                {
                    Descend(map.At(i).Value, schema.Element!);
                }

                break;
            case JsonList list when schema.Kind == ValueKind.List:
                foreach (object? item in list)
                {
                    Descend(item, schema.Element!);
                }

                break;
        }
    }

    /// <summary>True where a rule is for the type or one below it; what isn't concerned is never visited.</summary>
    private bool Concerns(Schema schema, HashSet<Schema> above)
    {
        if (_concerned.TryGetValue(schema, out bool known))
        {
            return known;
        }

        if (!above.Add(schema))
        {
            return false;
        }

        bool concerned = schema.Kind switch
        {
            ValueKind.List or ValueKind.Map => Concerns(schema.Element!, above),
            ValueKind.Object => (schema.TypeName is not null && _rules.ContainsKey(schema.TypeName)) ||
                schema.Fields.Any(f => IsResourceList(schema, f) || Concerns(f.Schema, above)),
            _ => false,
        };
        above.Remove(schema);
        // Below a type that refers to itself a "no" may only mean "not on this way".
        if (concerned || above.Count == 0)
        {
            _concerned[schema] = concerned;
        }

        return concerned;
    }

    /// <summary>What is to be done in the objects of a type; worked out once, when the first is met.</summary>
    /// <param name="Rule">Its rule; null for none.</param>
    /// <param name="Amounts">The fields that hold amounts of resources.</param>
    /// <param name="Concerned">The fields below which there are rules or amounts.</param>
    private sealed record Plan(Action<JsonMap>? Rule, SchemaField[] Amounts, SchemaField[] Concerned);
}
