using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;

namespace KubeLite.ApiServer.Registry.Generic;

/// <summary>Validates metadata (apimachinery's <c>api/validation/objectmeta.go</c> of v1.36).</summary>
public static class MetadataValidation
{
    /// <summary>The most bytes that annotations may have together.</summary>
    public const int MaxAnnotationBytes = 256 * 1024;

    /// <summary>The detail of a field that may not change.</summary>
    public const string Immutable = "field is immutable";

    /// <summary>Validates the metadata of a new object, or of a template where the rule is null.</summary>
    public static void Validate(JsonMap metadata, bool namespaced, NameRule rule, FieldPath path, FieldErrors errors)
    {
        if (metadata.String("generateName") is { Length: > 0 } prefix)
        {
            foreach (string fault in rule(prefix, true))
            {
                errors.Invalid(path.Child("generateName"), prefix, fault);
            }
        }

        if (metadata.String("name") is { Length: > 0 } name)
        {
            foreach (string fault in rule(name, false))
            {
                errors.Invalid(path.Child("name"), name, fault);
            }
        }
        else
        {
            errors.Required(path.Child("name"), "name or generateName is required");
        }

        string ns = metadata.String("namespace") ?? "";
        if (!namespaced)
        {
            if (ns.Length > 0)
            {
                errors.Forbidden(path.Child("namespace"), "not allowed on this type");
            }
        }
        else if (ns.Length == 0)
        {
            errors.Required(path.Child("namespace"));
        }
        else
        {
            foreach (string fault in NameRules.DnsLabel(ns))
            {
                errors.Invalid(path.Child("namespace"), ns, fault);
            }
        }

        if (metadata.Integer("generation") is < 0 and var generation)
        {
            errors.Invalid(path.Child("generation"), generation, "must be greater than or equal to 0");
        }

        Labels(metadata.Map("labels"), path.Child("labels"), errors);
        Annotations(metadata.Map("annotations"), path.Child("annotations"), errors);
        OwnerReferences(metadata.List("ownerReferences"), path.Child("ownerReferences"), errors);
        Finalizers(metadata.List("finalizers"), path.Child("finalizers"), errors);
    }

    /// <summary>Validates changed metadata against the old.</summary>
    public static void ValidateUpdate(JsonMap metadata, JsonMap old, FieldPath path, FieldErrors errors)
    {
        if (old.ContainsKey("deletionTimestamp"))
        {
            List<string> before = [.. old.List("finalizers")?.Strings() ?? []];
            List<string> added = [.. (metadata.List("finalizers")?.Strings() ?? [])
                .Where(f => !before.Contains(f))
                .Order(StringComparer.Ordinal)];
            if (added.Count > 0)
            {
                errors.Forbidden(
                    path.Child("finalizers"),
                    "no new finalizers can be added if the object is being deleted, found new finalizers " +
                    $"[]string{{{string.Join(", ", added.Select(FieldError.GoQuote))}}}");
            }
        }

        foreach (string name in (string[])
            ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"])
        {
            if (!JsonValue.DeepEquals(metadata[name], old[name]))
            {
                errors.Invalid(path.Child(name), metadata[name] ?? (name is "name" or "namespace" or "uid" ? "" : null), Immutable);
            }
        }

        Labels(metadata.Map("labels"), path.Child("labels"), errors);
        Annotations(metadata.Map("annotations"), path.Child("annotations"), errors);
        OwnerReferences(metadata.List("ownerReferences"), path.Child("ownerReferences"), errors);
    }

    /// <summary>Validates labels.</summary>
    public static void Labels(JsonMap? labels, FieldPath path, FieldErrors errors)
    {
        foreach (var (key, value) in labels ?? [])
        {
            foreach (string fault in NameRules.QualifiedName(key))
            {
                errors.Invalid(path, key, fault);
            }

            foreach (string fault in NameRules.LabelValue(value as string ?? ""))
            {
                errors.Invalid(path, value, fault);
            }
        }
    }

    /// <summary>Validates annotations.</summary>
    public static void Annotations(JsonMap? annotations, FieldPath path, FieldErrors errors)
    {
        long size = 0;
        foreach (var (key, value) in annotations ?? [])
        {
            foreach (string fault in NameRules.QualifiedName(key.ToLowerInvariant()))
            {
                errors.Invalid(path, key, fault);
            }

            size += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value as string ?? "");
        }

        if (size > MaxAnnotationBytes)
        {
            errors.TooLong(path, MaxAnnotationBytes);
        }
    }

    /// <summary>Validates a template's metadata: labels and annotations.</summary>
    public static void Template(JsonMap? metadata, FieldPath path, FieldErrors errors)
    {
        Labels(metadata?.Map("labels"), path.Child("labels"), errors);
        Annotations(metadata?.Map("annotations"), path.Child("annotations"), errors);
    }

    private static void OwnerReferences(JsonList? references, FieldPath path, FieldErrors errors)
    {
        string controller = "";
        foreach (JsonMap reference in references?.Maps() ?? [])
        {
            if ((reference.String("apiVersion") ?? "").Length == 0)
            {
                errors.Invalid(path.Child("apiVersion"), "", "version must not be empty");
            }

            foreach (string name in (string[])["kind", "name", "uid"])
            {
                if ((reference.String(name) ?? "").Length == 0)
                {
                    errors.Invalid(path.Child(name), "", "must not be empty");
                }
            }

            if (reference.String("apiVersion") == "v1" && reference.String("kind") == "Event")
            {
                errors.Invalid(path, reference, "/v1, Kind=Event is disallowed from being an owner");
            }

            if (!reference.Flag("controller"))
            {
                continue;
            }

            string current = $"{reference.String("kind")}/{reference.String("name")}";
            if (controller.Length > 0)
            {
                errors.Invalid(
                    path, references,
                    $"Only one reference can have Controller set to true. Found \"true\" in references for {controller} and {current}");
            }
            else
            {
                controller = current;
            }
        }
    }

    private static void Finalizers(JsonList? finalizers, FieldPath path, FieldErrors errors)
    {
        int index = 0;
        foreach (string finalizer in finalizers?.Strings() ?? [])
        {
            foreach (string fault in NameRules.QualifiedName(finalizer))
            {
                errors.Invalid(path, finalizer, fault);
            }

            if (!finalizer.Contains('/') && finalizer is not ("orphan" or "foregroundDeletion" or "kubernetes"))
            {
                errors.Invalid(path.Index(index), finalizer, "name is neither a standard finalizer name nor is it fully qualified");
            }

            index++;
        }

        if (finalizers is not null && finalizers.Contains("orphan") && finalizers.Contains("foregroundDeletion"))
        {
            errors.Invalid(path, finalizers, "finalizer orphan and foregroundDeletion cannot be both set");
        }
    }
}
