using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Rbac;

/// <summary>RoleBindings and ClusterRoleBindings (Kubernetes v1.36, <c>pkg/apis/rbac/validation</c>).</summary>
public sealed class RoleBindingStrategy : ResourceStrategy
{
    private const string Group = "rbac.authorization.k8s.io";
    private readonly bool _namespaced;

    /// <summary>Makes the strategy.</summary>
    /// <param name="namespaced">True for RoleBindings.</param>
    public RoleBindingStrategy(bool namespaced)
    {
        _namespaced = namespaced;
        NameRule = NameRules.Segment;
        AllowsCreateOnUpdate = true;
    }

    /// <summary>Sets the defaults of a RoleBinding or ClusterRoleBinding.</summary>
    public static void Default(JsonMap binding)
    {
        JsonMap reference = binding.MapAt("roleRef");
        if ((reference.String("apiGroup") ?? "").Length == 0)
        {
            reference["apiGroup"] = Group;
        }
    }

    /// <summary>Sets the defaults of a Subject.</summary>
    public static void DefaultSubject(JsonMap subject)
    {
        if ((subject.String("apiGroup") ?? "").Length == 0 && subject.String("kind") is "User" or "Group")
        {
            subject["apiGroup"] = Group;
        }
    }

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        JsonMap? reference = obj.Map("roleRef");
        FieldPath path = FieldPath.Of("roleRef");
        FieldRules.OneOf(reference?.String("apiGroup"), path.Child("apiGroup"), errors, Group);
        FieldRules.OneOf(reference?.String("kind"), path.Child("kind"), errors, _namespaced ? ["Role", "ClusterRole"] : ["ClusterRole"]);
        string name = reference?.String("name") ?? "";
        if (name.Length == 0)
        {
            errors.Required(path.Child("name"));
        }
        else
        {
            FieldRules.Follows(NameRules.PathSegment(name), name, path.Child("name"), errors);
        }

        int i = 0;
        foreach (JsonMap subject in obj.List("subjects")?.Maps() ?? [])
        {
            Subject(subject, FieldPath.Of("subjects").Index(i++), errors);
        }
    }

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        Validate(context, obj, errors);
        if (!JsonValue.DeepEquals(obj["roleRef"], old["roleRef"]))
        {
            errors.Invalid(
                FieldPath.Of("roleRef"), InternalForm.Of(obj["roleRef"], context.Resource.StorageSchema.Field("roleRef")!.Schema),
                "cannot change roleRef");
        }
    }

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata");
        JsonMap? reference = obj.Map("roleRef");
        List<JsonMap> subjects = [.. obj.List("subjects")?.Maps() ?? []];
        return
        [
            metadata.String("name"),
            $"{reference?.String("kind")}/{reference?.String("name")}",
            TableText.Age(metadata.String("creationTimestamp")),
            Names("User", s => s.String("name")),
            Names("Group", s => s.String("name")),
            Names("ServiceAccount", s => $"{s.String("namespace")}/{s.String("name")}"),
        ];

        string Names(string kind, Func<JsonMap, string?> name) =>
            string.Join(", ", subjects.Where(s => s.String("kind") == kind).Select(name));
    }

    private void Subject(JsonMap subject, FieldPath path, FieldErrors errors)
    {
        string name = subject.String("name") ?? "", group = subject.String("apiGroup") ?? "";
        if (name.Length == 0)
        {
            errors.Required(path.Child("name"));
        }

        switch (subject.String("kind"))
        {
            case "ServiceAccount":
                if (name.Length > 0)
                {
                    FieldRules.Subdomain(name, path.Child("name"), errors);
                }

                FieldRules.OneOf(group, path.Child("apiGroup"), errors, "");
                if (!_namespaced && (subject.String("namespace") ?? "").Length == 0)
                {
                    errors.Required(path.Child("namespace"));
                }

                break;
            case "User" or "Group":
                FieldRules.OneOf(group, path.Child("apiGroup"), errors, Group);
                break;
            case var other:
                errors.NotSupported(path.Child("kind"), other ?? "", "ServiceAccount", "User", "Group");
                break;
        }
    }
}
