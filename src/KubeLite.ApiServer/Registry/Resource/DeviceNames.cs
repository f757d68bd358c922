using System.Text.RegularExpressions;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Resource;

/// <summary>Validates the names of devices' attributes and of pools.</summary>
internal static partial class DeviceNames
{
    private const int MaxIdLength = 32;
    private const int MaxPoolNameLength = 253;

    /// <summary>An identifier, in the driver's domain or one named before a slash.</summary>
    public static void Qualified(string name, FieldPath path, FieldErrors errors)
    {
        string[] parts = name.Split('/');
        switch (parts)
        {
            case [var id]:
                Identifier(id, path, errors);
                break;
            case [var domain, var id]:
                if (domain.Length == 0)
                {
                    errors.Invalid(path, "", "the domain must not be empty");
                }
                else
                {
                    FieldRules.DriverName(domain, path, errors);
                }

                if (id.Length == 0)
                {
                    errors.Invalid(path, "", "the name must not be empty");
                }
                else
                {
                    Identifier(id, path, errors);
                }

                break;
            default:
                errors.Invalid(path, name, "must not contain more than one slash");
                break;
        }
    }

    /// <summary>An identifier after its domain and a slash.</summary>
    public static void FullyQualified(string name, FieldPath path, FieldErrors errors)
    {
        Qualified(name, path, errors);
        if (!name.Contains('/'))
        {
            errors.Invalid(path, name, "a fully qualified name must be a domain and a name separated by a slash");
        }
    }

    /// <summary>A pool's name: one or more DNS subdomains with slashes between them.</summary>
    public static void Pool(string name, FieldPath path, FieldErrors errors)
    {
        if (name.Length == 0)
        {
            errors.Required(path);
            return;
        }

        if (name.Length > MaxPoolNameLength)
        {
            errors.TooLong(path, MaxPoolNameLength);
        }

        foreach (string part in name.Split('/'))
        {
            FieldRules.Subdomain(part, path, errors);
        }
    }

    private static void Identifier(string id, FieldPath path, FieldErrors errors)
    {
        if (id.Length > MaxIdLength)
        {
            errors.TooLong(path, MaxIdLength);
        }

        if (!IdentifierForm().IsMatch(id))
        {
            errors.Invalid(path, id, NameRules.Form(
                "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
                "[A-Za-z_][A-Za-z0-9_]*", "my_name", "MY_NAME", "MyName"));
        }
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*\\z", RegexOptions.CultureInvariant)]
    private static partial Regex IdentifierForm();
}
