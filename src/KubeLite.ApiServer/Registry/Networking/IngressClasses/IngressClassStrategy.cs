using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Networking.Ingresses;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Networking.IngressClasses;

/// <summary>IngressClasses (Kubernetes v1.36, <c>pkg/registry/networking/ingressclass</c>).</summary>
public sealed class IngressClassStrategy : ResourceStrategy
{
    private const int MaxController = 250;

    /// <summary>Makes the strategy.</summary>
    public IngressClassStrategy() => TracksGeneration = true;

    /// <summary>Sets the defaults.</summary>
    public static void Default(JsonMap ingressClass) => ingressClass.Map("spec")?.Map("parameters")?.SetDefault("scope", "Cluster");

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        JsonMap spec = obj.MapAt("spec");
        FieldPath path = FieldPath.Of("spec");
        string controller = spec.String("controller") ?? "";
        if (controller.Length > MaxController)
        {
            errors.TooLong(path.Child("controller"), MaxController);
        }

        DomainPath.Validate(controller, path.Child("controller"), errors);
        if (spec.Map("parameters") is { } parameters)
        {
            Parameters(parameters, path.Child("parameters"), errors);
        }
    }

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        FieldRules.Immutable(obj.MapAt("spec")["controller"], old.MapAt("spec")["controller"], FieldPath.Of("spec", "controller"), errors);
        Validate(context, obj, errors);
    }

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata"), spec = obj.MapAt("spec");
        string text = TableText.None;
        if (spec.Map("parameters") is { } parameters)
        {
            text = parameters.String("kind") + (parameters.String("apiGroup") is { } group ? "." + group : "") +
                "/" + parameters.String("name");
        }

        return [metadata.String("name"), spec.String("controller") ?? "", text, TableText.Age(metadata.String("creationTimestamp"))];
    }

    private static void Parameters(JsonMap parameters, FieldPath path, FieldErrors errors)
    {
        IngressValidation.Reference(parameters, path, errors);
        string? ns = parameters.String("namespace");
        switch (parameters.String("scope"))
        {
            case null:
                errors.Required(path.Child("scope"));
                break;
            case "Namespace":
                if (ns is null)
                {
                    errors.Required(path.Child("namespace"), "`parameters.scope` is set to 'Namespace'");
                }
                else
                {
                    FieldRules.Label(ns, path.Child("namespace"), errors);
                }

                break;
            case "Cluster":
                if (ns is not null)
                {
                    errors.Forbidden(path.Child("namespace"), "`parameters.scope` is set to 'Cluster'");
                }

                break;
            case var other:
                errors.NotSupported(path.Child("scope"), other, "Cluster", "Namespace");
                break;
        }
    }
}
