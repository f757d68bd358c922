using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.Events;

/// <summary>
/// Validates events: loosely in core/v1, strictly in events.k8s.io/v1 (Kubernetes v1.36, <c>core/validation/events.go</c>).
/// </summary>
internal static class EventValidation
{
    private const int MaxLength = 128;
    private const int MaxMessage = 1024;

    private static readonly string[] s_fixed =
    [
        "involvedObject", "reason", "message", "source", "firstTimestamp", "lastTimestamp", "count", "reason", "type", "eventTime",
        "action", "related", "reportingComponent", "reportingInstance",
    ];

    public static void Create(JsonMap obj, bool strict, FieldErrors errors)
    {
        Common(obj, strict, errors);
        if (!strict)
        {
            return;
        }

        Metadata(obj, errors);
        Series(obj.Map("series"), errors);
        if (obj["eventTime"] is null)
        {
            errors.Required(FieldPath.Of("eventTime"));
        }

        if (obj.String("type") is not ("Normal" or "Warning"))
        {
            errors.Invalid(FieldPath.Of("type"), "", $"has invalid value: {obj.String("type")}");
        }

        Unset("firstTimestamp");
        Unset("lastTimestamp");
        if ((obj.Integer("count") ?? 0) != 0)
        {
            errors.Invalid(FieldPath.Of("count"), "", "needs to be unset");
        }

        if (obj.Map("source") is { } source && ((source.String("component") ?? "").Length > 0 || (source.String("host") ?? "").Length > 0))
        {
            errors.Invalid(FieldPath.Of("source"), "", "needs to be unset");
        }

        void Unset(string name)
        {
            if (obj[name] is not null)
            {
                errors.Invalid(FieldPath.Of(name), "", "needs to be unset");
            }
        }
    }

    public static void Update(WriteContext context, JsonMap obj, JsonMap old, bool strict, FieldErrors errors)
    {
        Common(obj, strict, errors);
        if (!strict)
        {
            return;
        }

        if (!JsonValue.DeepEquals(obj["series"], old["series"]))
        {
            Series(obj.Map("series"), errors);
        }

        // The names of messages are those of core/v1, in which events are compared; the reason is compared twice.
        foreach (string name in s_fixed)
        {
            string shown = name == "reportingComponent" ? "reportingController" : name;
            FieldRules.Immutable(
                obj[name], old[name], FieldPath.Of(shown),
                errors, () => InternalForm.Member(obj, context.Resource.StorageSchema.Field(name)!));
        }
    }

    private static void Series(JsonMap? series, FieldErrors errors)
    {
        if (series is null)
        {
            return;
        }

        if ((series.Integer("count") ?? 0) < 2)
        {
            errors.Invalid(FieldPath.Of("series.count"), "", "should be at least 2");
        }

        if (series["lastObservedTime"] is null)
        {
            errors.Required(FieldPath.Of("series.lastObservedTime"));
        }
    }

    private static void Metadata(JsonMap obj, FieldErrors errors)
    {
        string name = obj.MapAt("metadata").String("name") ?? "";
        FieldRules.Follows(NameRules.DnsSubdomain(name), name, FieldPath.Of("metadata", "name"), errors);
    }

    private static void Common(JsonMap obj, bool strict, FieldErrors errors)
    {
        string ns = obj.MapAt("metadata").String("namespace") ?? "", about = obj.Map("involvedObject")?.String("namespace") ?? "";
        FieldPath path = FieldPath.Of("involvedObject", "namespace");
        if (obj["eventTime"] is null)
        {
            if (about.Length == 0 ? ns is not ("" or "default") : ns != about)
            {
                errors.Invalid(path, about, "does not match event.namespace");
            }
        }
        else
        {
            if (about.Length == 0 && ns is not ("default" or "kube-system"))
            {
                errors.Invalid(path, about, "does not match event.namespace");
            }

            string controller = obj.String("reportingComponent") ?? "";
            FieldPath reporter = FieldPath.Of(strict ? "reportingController" : "reportingComponent");
            if (controller.Length == 0)
            {
                errors.Required(reporter);
            }

            FieldRules.QualifiedName(controller, reporter, errors);
            foreach (string name in (string[])["reportingInstance", "action", "reason"])
            {
                string value = obj.String(name) ?? "";
                if (value.Length == 0)
                {
                    errors.Required(FieldPath.Of(name));
                }

                if (Encoding.UTF8.GetByteCount(value) > MaxLength)
                {
                    errors.Invalid(FieldPath.Of(name), "", $"can have at most {MaxLength} characters");
                }
            }

            if (Encoding.UTF8.GetByteCount(obj.String("message") ?? "") > MaxMessage)
            {
                errors.Invalid(FieldPath.Of("message"), "", $"can have at most {MaxMessage} characters");
            }
        }

        FieldRules.Follows(NameRules.DnsSubdomain(ns), ns, FieldPath.Of("namespace"), errors);
    }
}
