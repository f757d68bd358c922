using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Registry.Validation;

/// <summary>Rules for single fields that many kinds share (Kubernetes v1.36, <c>pkg/apis/core/validation</c> and apimachinery's).</summary>
public static class FieldRules
{
    /// <summary>The detail of a number below zero.</summary>
    public const string NotNegative = "must be greater than or equal to 0";

    /// <summary>The detail of a number that must be above zero.</summary>
    public const string NotPositive = "must be greater than zero";

    /// <summary>A member, where it is set, is not below zero.</summary>
    public static void NonNegative(JsonMap? map, string name, FieldPath path, FieldErrors errors)
    {
        if (map?.Integer(name) is < 0 and var value)
        {
            errors.Invalid(path.Child(name), value, NotNegative);
        }
    }

    /// <summary>A value is that of before.</summary>
    /// <param name="value">The new value; null where it isn't set.</param>
    /// <param name="old">The old value.</param>
    /// <param name="path">Its path.</param>
    /// <param name="errors">Gets the error.</param>
    /// <param name="shown">The value as messages show it, where that isn't the value.</param>
    public static void Immutable(object? value, object? old, FieldPath path, FieldErrors errors, Func<object?>? shown = null)
    {
        if (!JsonValue.DeepEquals(value, old))
        {
            errors.Invalid(path, shown is null ? value : shown(), MetadataValidation.Immutable);
        }
    }

    /// <summary>A value has no fault.</summary>
    public static void Follows(IEnumerable<string> faults, object? value, FieldPath path, FieldErrors errors)
    {
        foreach (string fault in faults)
        {
            errors.Invalid(path, value, fault);
        }
    }

    /// <summary>A value is one of those that are known.</summary>
    public static void OneOf(string? value, FieldPath path, FieldErrors errors, params ReadOnlySpan<string> supported)
    {
        if (!supported.Contains(value ?? ""))
        {
            errors.NotSupported(path, value ?? "", supported.ToArray());
        }
    }

    /// <summary>A value is there and one of those that are known.</summary>
    public static void RequiredOneOf(string? value, FieldPath path, FieldErrors errors, params ReadOnlySpan<string> supported)
    {
        if (string.IsNullOrEmpty(value))
        {
            errors.Required(path);
        }
        else
        {
            OneOf(value, path, errors, supported);
        }
    }

    /// <summary>A text is an IP address of either family (<c>IsValidIPForLegacyField</c>).</summary>
    /// <param name="value">The text.</param>
    /// <param name="path">Its path.</param>
    /// <param name="errors">Gets the errors.</param>
    /// <param name="kept">Texts of the object as it was, which may stay whatever their form.</param>
    public static void Address(string? value, FieldPath path, FieldErrors errors, IReadOnlyCollection<string>? kept = null)
    {
        if (kept?.Contains(value ?? "") != true)
        {
            Follows(IpText.AddressFaults(value ?? "", canonical: false), value ?? "", path, errors);
        }
    }

    /// <summary>A text is a network of either family (<c>IsValidCIDRForLegacyField</c>).</summary>
    /// <param name="value">The text.</param>
    /// <param name="path">Its path.</param>
    /// <param name="errors">Gets the errors.</param>
    /// <param name="kept">Texts of the object as it was, which may stay whatever their form.</param>
    public static void Network(string? value, FieldPath path, FieldErrors errors, IReadOnlyCollection<string>? kept = null)
    {
        if (kept?.Contains(value ?? "") != true)
        {
            Follows(IpText.NetworkFaults(value ?? "", canonical: false), value ?? "", path, errors);
        }
    }

    /// <summary>A text is an IP address in its one canonical form (<c>IsValidIP</c>).</summary>
    public static void CanonicalAddress(string? value, FieldPath path, FieldErrors errors) =>
        Follows(IpText.AddressFaults(value ?? "", canonical: true), value ?? "", path, errors);

    /// <summary>A text is a network in its one canonical form (<c>IsValidCIDR</c>).</summary>
    public static void CanonicalNetwork(string? value, FieldPath path, FieldErrors errors) =>
        Follows(IpText.NetworkFaults(value ?? "", canonical: true), value ?? "", path, errors);

    /// <summary>A name is a DNS subdomain.</summary>
    public static void Subdomain(string? value, FieldPath path, FieldErrors errors) =>
        Follows(NameRules.DnsSubdomain(value ?? ""), value ?? "", path, errors);

    /// <summary>A name is a DNS label.</summary>
    public static void Label(string? value, FieldPath path, FieldErrors errors) =>
        Follows(NameRules.DnsLabel(value ?? ""), value ?? "", path, errors);

    /// <summary>A name has the form of a label's key.</summary>
    public static void QualifiedName(string? value, FieldPath path, FieldErrors errors) =>
        Follows(NameRules.QualifiedName(value ?? ""), value ?? "", path, errors);

    /// <summary>The name of a CSI or DRA driver: at most 63 characters of a DNS subdomain, upper case allowed.</summary>
    public static void DriverName(string? value, FieldPath path, FieldErrors errors)
    {
        value ??= "";
        if (value.Length == 0)
        {
            errors.Required(path);
            return;
        }

        if (value.Length > 63)
        {
            errors.TooLong(path, 63);
        }

        Follows(NameRules.DnsSubdomain(value.ToLowerInvariant()), value, path, errors);
    }
}
