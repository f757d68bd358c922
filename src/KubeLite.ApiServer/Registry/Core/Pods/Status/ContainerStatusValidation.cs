using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.Pods.Status;

/// <summary>
/// Validates what is reported of containers: their users and the health of their devices (Kubernetes v1.36,
/// <c>ValidatePodStatusUpdate</c>).
/// </summary>
public sealed class ContainerStatusValidation(FieldErrors errors)
{
    private const int MaxMessage = 1024;
    private const string Claim = "claim:";

    private static readonly FieldPath s_path = FieldPath.Of("status");

    /// <summary>Adds every fault.</summary>
    public void Validate(JsonMap status, JsonMap spec)
    {
        string[] kinds = ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"];
        foreach (string kind in kinds)
        {
            Each(status, kind, (container, path) => User(
                container.Map("user"), spec.Map("os")?.String("name") ?? "linux", path.Child("user").Child("linux")));
        }

        foreach ((string kind, string containers) in ((string, string)[])[(kinds[0], "containers"), (kinds[1], "initContainers")])
        {
            Each(status, kind, (container, path) => Allocated(
                container, (spec.List(containers)?.Maps() ?? []).FirstOrDefault(c => c.String("name") == container.String("name")),
                path.Child("allocatedResourcesStatus")));
        }

        Each(status, kinds[2], (container, path) =>
        {
            if (container.List("allocatedResourcesStatus") is { Count: > 0 })
            {
                errors.Forbidden(path.Child("allocatedResourcesStatus"), "must not be specified in container status");
            }
        });
    }

    private static void Each(JsonMap status, string kind, Action<JsonMap, FieldPath> visit)
    {
        int index = 0;
        foreach (JsonMap container in status.List(kind)?.Maps() ?? [])
        {
            visit(container, s_path.Child(kind).Index(index++));
        }
    }

    private void User(JsonMap? user, string os, FieldPath path)
    {
        if (user?.Map("linux") is not { } linux)
        {
            return;
        }

        if (os == "windows")
        {
            errors.Forbidden(path, "cannot be set for a windows pod");
            return;
        }

        Id(linux.Integer("uid") ?? 0, path.Child("uid"));
        Id(linux.Integer("gid") ?? 0, path.Child("gid"));
        int index = 0;
        foreach (object? group in linux.List("supplementalGroups") ?? [])
        {
            Id(group is long id ? id : 0, path.Child("supplementalGroups").Index(index++));
        }
    }

    private void Id(long id, FieldPath path) => FieldRules.Follows(NameRules.InRange(id, 0, int.MaxValue), id, path, errors);

    private void Allocated(JsonMap status, JsonMap? container, FieldPath path)
    {
        int index = 0;
        foreach (JsonMap allocated in status.List("allocatedResourcesStatus")?.Maps() ?? [])
        {
            FieldPath at = path.Index(index++);
            string name = allocated.String("name") ?? "";
            // A container that isn't known may be one of before.
            if (container is not null && !Asks(container, name))
            {
                errors.Invalid(at.Child("name"), name, name.StartsWith(Claim, StringComparison.Ordinal)
                    ? "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty"
                    : "must match one of the container's resource requests");
            }

            Health(allocated.List("resources"), at.Child("resources"));
        }
    }

    private static bool Asks(JsonMap container, string name)
    {
        JsonMap? resources = container.Map("resources");
        return name.StartsWith(Claim, StringComparison.Ordinal)
            ? (resources?.List("claims")?.Maps() ?? [])
                .Any(c => name == Claim + c.String("name") + (c.String("request") is { Length: > 0 } request ? "/" + request : ""))
            : resources?.Map("requests")?.ContainsKey(name) == true;
    }

    private void Health(JsonList? resources, FieldPath path)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        int index = 0;
        foreach (JsonMap resource in resources?.Maps() ?? [])
        {
            FieldPath at = path.Index(index++);
            FieldRules.OneOf(resource.String("health"), at.Child("health"), errors, "Healthy", "Unhealthy", "Unknown");
            switch (resource.String("message"))
            {
                case "":
                    errors.Required(at.Child("message"), "must be non-empty if specified");
                    break;
                case { Length: > MaxMessage }:
                    errors.TooLong(at.Child("message"), MaxMessage);
                    break;
            }

            string id = resource.String("resourceID") ?? "";
            if (!seen.Add(id))
            {
                errors.Duplicate(at.Child("resourceID"), id);
            }
        }
    }
}
