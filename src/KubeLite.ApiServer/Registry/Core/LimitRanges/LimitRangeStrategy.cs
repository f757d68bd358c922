using System.Globalization;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Quantities;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.LimitRanges;

/// <summary>LimitRanges (Kubernetes v1.36, <c>pkg/registry/core/limitrange</c>).</summary>
public sealed class LimitRangeStrategy : ResourceStrategy
{
    private static readonly string[] s_amounts = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"];

    /// <summary>Makes the strategy.</summary>
    public LimitRangeStrategy() => AllowsCreateOnUpdate = true;

    /// <summary>Sets the defaults of an item: limits from the maximum, requests from limits and minimum.</summary>
    public static void DefaultItem(JsonMap item)
    {
        if (item.String("type") != "Container")
        {
            return;
        }

        JsonMap limits = item.MapAt("default"), requests = item.MapAt("defaultRequest");
        Fill(limits, item.Map("max"));
        Fill(requests, limits);
        Fill(requests, item.Map("min"));

        static void Fill(JsonMap to, JsonMap? from)
        {
            foreach (var (name, amount) in from ?? [])
            {
                to.SetDefault(name, amount);
            }
        }
    }

    /// <inheritdoc />
    public override void PrepareForCreate(WriteContext context, JsonMap obj)
    {
        if (context.Name.Length == 0)
        {
            obj.MapAt("metadata")["name"] = ObjectNames.NewUid();
        }
    }

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        FieldPath path = FieldPath.Of("spec", "limits");
        var types = new HashSet<string>(StringComparer.Ordinal);
        int i = 0;
        foreach (JsonMap item in obj.Map("spec")?.List("limits")?.Maps() ?? [])
        {
            FieldPath at = path.Index(i++);
            string type = item.String("type") ?? "";
            int before = errors.Count;
            FieldRules.QualifiedName(type, at.Child("type"), errors);
            if (errors.Count == before && !type.Contains('/') && type is not ("Pod" or "Container" or "PersistentVolumeClaim"))
            {
                errors.Invalid(at.Child("type"), type, "must be a standard limit type or fully qualified");
            }

            if (!types.Add(type))
            {
                errors.Duplicate(at.Child("type"), type);
            }

            Names(item, type, at, errors);
            var names = new SortedSet<string>(s_amounts.SelectMany(a => item.Map(a) ?? []).Select(m => m.Key), StringComparer.Ordinal);
            foreach (string name in names)
            {
                Compare(item, name, at, errors);
            }
        }
    }

    /// <inheritdoc />
    public override JsonList? Cells(JsonMap obj) => null;

    private static void Names(JsonMap item, string type, FieldPath path, FieldErrors errors)
    {
        foreach (string member in s_amounts)
        {
            if (type == "Pod" && member is "default" or "defaultRequest")
            {
                if (type == "Pod" && item.Map(member) is { Count: > 0 })
                {
                    errors.Forbidden(path.Child(member), "may not be specified when `type` is 'Pod'");
                }

                if (type == "Pod")
                {
                    continue;
                }
            }

            if (member == "maxLimitRequestRatio" && type == "PersistentVolumeClaim" &&
                item.Map("min")?.ContainsKey("storage") != true && item.Map("max")?.ContainsKey("storage") != true)
            {
                errors.Required(path.Child("limits"), "either minimum or maximum storage value is required, but neither was provided");
            }

            foreach (var (name, _) in item.Map(member) ?? [])
            {
                FieldPath at = path.Child(member).Key(name);
                if (type is "Pod" or "Container")
                {
                    ResourceNames.Container(name, at, errors);
                }
                else
                {
                    ResourceNames.Any(name, at, errors);
                }
            }
        }
    }

    private static void Compare(JsonMap item, string name, FieldPath path, FieldErrors errors)
    {
        Quantity? min = Of("min"), max = Of("max"), request = Of("defaultRequest"),
            limit = Of("default"), ratio = Of("maxLimitRequestRatio");
        Above(min, max, "min", min, "min value {0} is greater than max value {1}");
        Above(min, request, "defaultRequest", request, "min value {0} is greater than default request value {1}");
        Above(request, max, "defaultRequest", request, "default request value {0} is greater than max value {1}");
        Above(request, limit, "defaultRequest", request, "default request value {0} is greater than default limit value {1}");
        Above(min, limit, "default", min, "min value {0} is greater than default value {1}");
        Above(limit, max, "default", max, "default value {0} is greater than max value {1}");
        FieldPath at = path.Child("maxLimitRequestRatio").Key(name);
        if (ratio is { } most)
        {
            if (most.Nanos < 1_000_000_000)
            {
                errors.Invalid(at, most.ToString(), $"ratio {most} is less than 1");
            }

            if (min is { } low && max is { } high && low.Sign != 0)
            {
                double possible = (double)high.Nanos / (double)low.Nanos;
                if ((double)most.Nanos / 1e9 > possible)
                {
                    errors.Invalid(
                        at, most.ToString(),
                        string.Create(CultureInfo.InvariantCulture, $"ratio {most} is greater than max/min = {possible:F6}"));
                }
            }
        }

        if (!ResourceNames.IsOvercommitAllowed(name) && limit is { } wanted && request is { } asked && wanted.Nanos != asked.Nanos)
        {
            errors.Invalid(
                path.Child("defaultRequest").Key(name), asked.ToString(),
                $"default value {wanted} must equal to defaultRequest value {asked} in {name}");
        }

        Quantity? Of(string member) =>
            item.Map(member)?.String(name) is { } text && Quantity.TryParse(text, out Quantity amount, out _) ? amount : null;

        void Above(Quantity? low, Quantity? high, string member, Quantity? shown, string detail)
        {
            if (low is { } l && high is { } h && l.Nanos > h.Nanos)
            {
                errors.Invalid(path.Child(member).Key(name), shown.ToString(), string.Format(CultureInfo.InvariantCulture, detail, l, h));
            }
        }
    }
}
