using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Selectors;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Requests;
using KubeLite.Storage.Caching;

namespace KubeLite.ApiServer.Endpoints;

/// <summary>Which entries a list or watch wants.</summary>
public sealed class EntrySelection
{
    private readonly ResourceStrategy _strategy;
    private readonly IReadOnlyList<LabelRequirement> _labels;
    private readonly IReadOnlyList<FieldTerm> _fields;

    private EntrySelection(
        ResourceStrategy strategy, IReadOnlyList<LabelRequirement> labels, IReadOnlyList<FieldTerm> fields, string? name,
        (string Field, string Value)? index)
    {
        _strategy = strategy;
        _labels = labels;
        _fields = fields;
        Name = name;
        Index = index;
    }

    /// <summary>The only name that can match; null for any.</summary>
    public string? Name { get; }

    /// <summary>An indexed field and the value it must have; null for none.</summary>
    public (string Field, string Value)? Index { get; }

    /// <summary>True where nothing is selected by.</summary>
    public bool IsEverything => _labels.Count == 0 && _fields.Count == 0 && Name is null;

    /// <summary>Makes the selection of a request.</summary>
    /// <exception cref="ApiException">400: a field isn't one that the resource selects by.</exception>
    public static EntrySelection Of(ResourceDefinition definition, ListOptions options, string name)
    {
        var fields = new List<FieldTerm>(options.Fields.Terms.Count);
        foreach (FieldTerm term in options.Fields.Terms)
        {
            string field = term.Field is "metadata.name" or "metadata.namespace"
                ? term.Field
                : definition.Strategy.SelectableField(definition.Group, term.Field)
                    ?? throw ApiException.BadRequest(definition.Custom || definition.Strategy.SelectableFields.Count > 0
                        ? $"field label not supported: {term.Field}"
                        : $"{FieldError.GoQuote(term.Field)} is not a known field selector: only \"metadata.name\", \"metadata.namespace\"");
            fields.Add(term with { Field = field });
        }

        string? only = name.Length > 0 ? name : null;
        (string, string)? index = null;
        foreach (FieldTerm term in fields)
        {
            if (term is { Field: "metadata.name", NotEqual: false })
            {
                only ??= term.Value;
            }
            else if (!term.NotEqual && definition.Strategy.IndexedFields.Contains(term.Field))
            {
                index ??= (term.Field, term.Value);
            }
        }

        if (name.Length > 0 && fields.Count > 0 && !fields.Exists(t => t is { Field: "metadata.name", NotEqual: false } && t.Value == name))
        {
            throw ApiException.BadRequest("fieldSelector metadata.name doesn't match requested name");
        }

        return new EntrySelection(definition.Strategy, options.Labels.Requirements, fields, only, index);
    }

    /// <summary>The fewest entries of a snapshot that hold every wanted one, in order of key: those of an indexed field's value, where
    /// one is selected by. Each still has to match.</summary>
    /// <param name="snapshot">Where they are.</param>
    /// <param name="ns">The namespace; empty for all.</param>
    /// <param name="startKey">The full storage key that they begin at; null for the first.</param>
    public CacheRange RangeOf(CacheSnapshot snapshot, string ns, string? startKey) => Index is { } index
        ? snapshot.WithField(index.Field, index.Value, ns, startKey)
        : snapshot.Range(ns, startKey);

    /// <summary>True where the entry is wanted.</summary>
    public bool Matches(CacheEntry entry)
    {
        if (Name is not null && entry.Name != Name)
        {
            return false;
        }

        for (int i = 0; i < _labels.Count; i++)
        {
            LabelRequirement requirement = _labels[i];
            if (!requirement.Matches(entry.Labels.TryGetValue(requirement.Key, out string? value) ? value : null))
            {
                return false;
            }
        }

        for (int i = 0; i < _fields.Count; i++)
        {
            FieldTerm term = _fields[i];
            if (_strategy.FieldValue(entry, term.Field) == term.Value == term.NotEqual)
            {
                return false;
            }
        }

        return true;
    }
}
