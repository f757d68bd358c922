using System.Text;
using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Certificates;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.ApiRegistration;

/// <summary>APIServices (Kubernetes v1.36, kube-aggregator's <c>pkg/apis/apiregistration/validation</c>).</summary>
public sealed class ApiServiceStrategy : ResourceStrategy
{
    /// <summary>Makes the strategy.</summary>
    public ApiServiceStrategy()
    {
        NameRule = NameRules.Segment;
        AllowsUnconditionalUpdate = false;
    }

    /// <summary>Sets the defaults of the Service that serves an API.</summary>
    public static void DefaultService(JsonMap service) => service.SetDefault("port", 443L);

    /// <inheritdoc />
    public override void PrepareForCreate(WriteContext context, JsonMap obj)
    {
        obj["status"] = new JsonMap();
        if (obj.MapAt("spec").Map("service") is null)
        {
            // What this server serves itself is there at once.
            obj.MapAt("status")["conditions"] = new JsonList
            {
                new JsonMap
                {
                    { "type", "Available" },
                    { "status", "True" },
                    { "lastTransitionTime", ApiTime.Format(context.Now) },
                    { "reason", "Local" },
                    { "message", "Local APIServices are always available" },
                },
            };
        }
    }

    /// <inheritdoc />
    public override void PrepareForStatusUpdate(WriteContext context, JsonMap obj, JsonMap old)
    {
        JsonMap metadata = obj.MapAt("metadata"), before = old.MapAt("metadata");
        foreach (string name in (string[])["labels", "annotations", "finalizers", "ownerReferences"])
        {
            if (before[name] is { } value)
            {
                metadata[name] = JsonValue.DeepCopy(value);
            }
            else
            {
                metadata.Remove(name);
            }
        }
    }

    /// <inheritdoc />
    public override IReadOnlyList<string> ResetFields(string subresource) => subresource switch
    {
        "" => ["status"],
        "status" => ["spec", "metadata"],
        _ => [],
    };

    /// <inheritdoc />
    public override void ValidateStatusUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        int index = 0;
        foreach (JsonMap condition in obj.Map("status")?.List("conditions")?.Maps() ?? [])
        {
            FieldRules.OneOf(
                condition.String("status") ?? "",
                FieldPath.Of("status", "conditions").Index(index++).Child("status"), errors, "True", "False", "Unknown");
        }
    }

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        JsonMap spec = obj.MapAt("spec");
        FieldPath path = FieldPath.Of("spec");
        string group = spec.String("group") ?? "", version = spec.String("version") ?? "", required = $"{version}.{group}";
        string name = obj.MapAt("metadata").String("name") ?? "";
        if (name != required && !NameRules.Segment(name, false).Any())
        {
            errors.Invalid(FieldPath.Of("metadata", "name"), name, $"must be `spec.version+\".\"+spec.group`: \"{required}\"");
        }

        if (group.Length == 0 && version != "v1")
        {
            errors.Required(path.Child("group"), "only v1 may have an empty group and it better be legacy kube");
        }

        if (group.Length > 0)
        {
            FieldRules.Follows(NameRules.DnsSubdomain(group), group, path.Child("group"), errors);
        }

        FieldRules.Follows(NameRules.Dns1035Label(version), version, path.Child("version"), errors);

        if (spec.Integer("groupPriorityMinimum") is not (> 0 and <= 20000))
        {
            errors.Invalid(
                path.Child("groupPriorityMinimum"), spec.Integer("groupPriorityMinimum") ?? 0, "must be positive and less than 20000");
        }

        if (spec.Integer("versionPriority") is not (> 0 and <= 1000))
        {
            errors.Invalid(path.Child("versionPriority"), spec.Integer("versionPriority") ?? 0, "must be positive and less than 1000");
        }

        Service(spec, path, errors);
    }

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata");
        JsonMap? service = obj.Map("spec")?.Map("service");
        JsonMap? available = obj.Map("status")?.List("conditions")?.Maps().FirstOrDefault(c => c.String("type") == "Available");
        string state = available is null
            ? "Unknown"
            : available.String("status") == "True" ? "True" : $"{available.String("status")} ({available.String("reason")})";
        return
        [
            metadata.String("name"),
            service is null ? "Local" : $"{service.String("namespace")}/{service.String("name")}",
            state,
            TableText.Age(metadata.String("creationTimestamp")),
        ];
    }

    private static void Service(JsonMap spec, FieldPath path, FieldErrors errors)
    {
        string pem = PemBlocks.Bytes(spec.String("caBundle"));
        bool bundle = pem.Length > 0, insecure = spec.Flag("insecureSkipTLSVerify");
        if (spec.Map("service") is not { } service)
        {
            if (bundle)
            {
                errors.Invalid(
                    path.Child("caBundle"), $"{Encoding.UTF8.GetByteCount(pem)} bytes", "local APIServices may not have a caBundle");
            }

            if (insecure)
            {
                errors.Invalid(path.Child("insecureSkipTLSVerify"), true, "local APIServices may not have insecureSkipTLSVerify");
            }

            return;
        }

        foreach (string name in (string[])["namespace", "name"])
        {
            if ((service.String(name) ?? "").Length == 0)
            {
                errors.Required(path.Child("service").Child(name));
            }
        }

        long port = service.Integer("port") ?? 0;
        if (string.Join(", ", NameRules.PortNumber(port)) is { Length: > 0 } faults)
        {
            errors.Invalid(path.Child("service").Child("port"), port, "port is not valid: " + faults);
        }

        if (insecure && bundle)
        {
            errors.Invalid(path.Child("insecureSkipTLSVerify"), true, "may not be true if caBundle is present");
        }
    }
}
