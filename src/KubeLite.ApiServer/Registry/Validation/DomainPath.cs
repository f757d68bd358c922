using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;

namespace KubeLite.ApiServer.Registry.Validation;

/// <summary>Names like <c>example.com/controller</c> (apimachinery's <c>IsDomainPrefixedPath</c>).</summary>
public static class DomainPath
{
    private const string PathForm = @"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+";

    /// <summary>A domain, a slash and a path.</summary>
    public static void Validate(string value, FieldPath path, FieldErrors errors)
    {
        if (value.Length == 0)
        {
            errors.Required(path);
            return;
        }

        int slash = value.IndexOf('/');
        if (slash <= 0 || slash == value.Length - 1)
        {
            errors.Invalid(path, value, "must be a domain-prefixed path (such as \"acme.io/foo\")");
            return;
        }

        string domain = value[..slash], rest = value[(slash + 1)..];
        FieldRules.Follows(NameRules.DnsSubdomain(domain), domain, path, errors);
        if (rest.Any(c => !char.IsAsciiLetterOrDigit(c) && !@"/-._~%!$&'()*+,;=:".Contains(c)))
        {
            errors.Invalid(path, rest, NameRules.Form("Invalid path", PathForm));
        }
    }
}
