using System.Globalization;
using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.AdmissionRegistration;
using KubeLite.ApiServer.Registry.Certificates;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.CustomResources.Definitions;

/// <summary>
/// Validates what a definition says beside its schema: subresources, columns, selectable fields, conversion, deprecation.
/// </summary>
public static class DefinitionParts
{
    private const int MaxSelectableFields = 8;
    private const string ColumnTypes = "must be one of boolean,date,integer,number,string";
    private const string ColumnFormats = "must be one of byte,date,date-time,double,float,int32,int64,password";

    /// <summary>Adds every fault of subresources.</summary>
    public static void Subresources(JsonMap? subresources, FieldPath path, FieldErrors errors)
    {
        if (subresources?.Map("scale") is not { } scale)
        {
            return;
        }

        Required("specReplicasPath", ".spec.", ".spec");
        Required("statusReplicasPath", ".status.", ".status");
        if (scale.String("labelSelectorPath") is { Length: > 0 } selector)
        {
            FieldPath at = path.Child("scale.labelSelectorPath");
            if (!Simple(selector, at, errors) && !selector.StartsWith(".spec.", StringComparison.Ordinal)
                && !selector.StartsWith(".status.", StringComparison.Ordinal))
            {
                errors.Invalid(at, selector, "should be a json path under either .spec or .status");
            }
        }

        void Required(string field, string prefix, string shown)
        {
            FieldPath at = path.Child("scale." + field);
            if (scale.String(field) is not { Length: > 0 } text)
            {
                errors.Required(at);
            }
            else if (!Simple(text, at, errors) && !text.StartsWith(prefix, StringComparison.Ordinal))
            {
                errors.Invalid(at, text, "should be a json path under " + shown);
            }
        }
    }

    /// <summary>Adds every fault of printer columns.</summary>
    public static void Columns(JsonList? columns, FieldPath path, FieldErrors errors)
    {
        int index = 0;
        foreach (JsonMap column in columns?.Maps() ?? [])
        {
            FieldPath at = path.Index(index++);
            if (column.String("name") is null or "")
            {
                errors.Required(at.Child("name"));
            }

            if (column.String("type") is not { Length: > 0 } type)
            {
                errors.Required(at.Child("type"), ColumnTypes);
            }
            else if (type is not ("boolean" or "date" or "integer" or "number" or "string"))
            {
                errors.Invalid(at.Child("type"), type, ColumnTypes);
            }

            if (column.String("format") is { Length: > 0 } format &&
                format is not ("byte" or "date" or "date-time" or "double" or "float" or "int32" or "int64" or "password"))
            {
                errors.Invalid(at.Child("format"), format, ColumnFormats);
            }

            if (column.String("jsonPath") is not { Length: > 0 } jsonPath)
            {
                errors.Required(at.Child("JSONPath"));
            }
            else
            {
                Simple(jsonPath, at.Child("JSONPath"), errors);
            }
        }
    }

    /// <summary>Adds every fault of selectable fields.</summary>
    /// <param name="fields">The fields.</param>
    /// <param name="validation">The schema of the version.</param>
    /// <param name="missing">What to say where there is no schema.</param>
    /// <param name="parent">Where the fields stand in.</param>
    /// <param name="errors">Gets the faults.</param>
    public static void SelectableFields(JsonList? fields, JsonMap? validation, string missing, FieldPath parent, FieldErrors errors)
    {
        if (fields is not { Count: > 0 })
        {
            return;
        }

        FieldPath path = parent.Child("selectableFields");
        if (validation?.Map("openAPIV3Schema") is not { } schema)
        {
            errors.Invalid(path, "", missing);
            return;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        int index = 0;
        foreach (JsonMap field in fields.Maps())
        {
            FieldPath at = path.Index(index++).Child("jsonPath");
            string text = field.String("jsonPath") ?? "";
            if (text.Length == 0)
            {
                errors.Required(at);
                continue;
            }

            (JsonMap? found, string? fault) = SchemaPath.Resolve(schema, text, brackets: false);
            if (fault is not null)
            {
                errors.Invalid(at, text, "is an invalid path: " + fault);
                continue;
            }

            if (text is ".metadata" || text.StartsWith(".metadata.", StringComparison.Ordinal))
            {
                errors.Invalid(at, text, "must not point to fields in metadata");
            }

            if (found?.String("type") is not ("string" or "boolean" or "integer"))
            {
                errors.Invalid(
                    at, text,
                    "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.");
            }

            if (!seen.Add(text))
            {
                errors.Duplicate(at, text);
            }
        }

        if (seen.Count > MaxSelectableFields)
        {
            errors.TooMany(path, seen.Count, MaxSelectableFields);
        }
    }

    /// <summary>What is wrong with the certificates by which a webhook is trusted; null where nothing is or none are given.</summary>
    public static string? BundleFault(JsonMap? client)
    {
        string pem = PemBlocks.Bytes(client?.String("caBundle"));
        List<PemBlock> blocks = [.. PemBlocks.Of(pem)];
        List<PemBlock> certificates = [.. blocks.Where(b => b is { Label: "CERTIFICATE", HasHeaders: false })];
        string? fault = pem.Length == 0 || certificates.Any(SigningRequestPem.IsCertificate) ? null
            : certificates.Count > 0 ? "failed to parse certificate: x509: malformed certificate"
            : "unable to parse bytes as PEM block";
        return fault is null ? null : "unable to load root certificates: " + fault;
    }

    /// <summary>Adds every fault of a conversion.</summary>
    /// <param name="conversion">The conversion; null for none.</param>
    /// <param name="checksBundle">True where the certificates of the webhook must be in order.</param>
    /// <param name="path">Where it stands.</param>
    /// <param name="errors">Gets the faults.</param>
    public static void Conversion(JsonMap? conversion, bool checksBundle, FieldPath path, FieldErrors errors)
    {
        if (conversion is null)
        {
            return;
        }

        string strategy = conversion.String("strategy") ?? "";
        FieldRules.RequiredOneOf(strategy, path.Child("strategy"), errors, "None", "Webhook");
        JsonMap? webhook = conversion.Map("webhook");
        JsonMap? client = webhook?.Map("clientConfig");
        JsonList? reviews = webhook?.List("conversionReviewVersions");
        FieldPath config = path.Child("webhookClientConfig"), versions = path.Child("conversionReviewVersions");
        if (strategy != "Webhook")
        {
            if (client is not null)
            {
                errors.Forbidden(config, "should not be set when strategy is not set to Webhook");
            }

            if (reviews is { Count: > 0 })
            {
                errors.Forbidden(versions, "should not be set when strategy is not set to Webhook");
            }

            return;
        }

        if (client is null)
        {
            errors.Required(config, "required when strategy is set to Webhook");
        }
        else
        {
            WebhookClientValidation.Validate(client, config, errors);
            if (checksBundle && BundleFault(client) is { } fault)
            {
                errors.Invalid(config.Child("caBundle"), client["caBundle"], fault);
            }
        }

        Reviews(reviews, versions, errors);
    }

    /// <summary>Adds every fault of a version's deprecation warning.</summary>
    public static void DeprecationWarning(JsonMap version, FieldPath path, FieldErrors errors)
    {
        if (version.String("deprecationWarning") is not { } text)
        {
            return;
        }

        FieldPath at = path.Child("deprecationWarning");
        if (!version.Flag("deprecated"))
        {
            errors.Invalid(at, text, "can only be set for deprecated versions");
            return;
        }

        if (Encoding.UTF8.GetByteCount(text) > 256)
        {
            errors.Invalid(at, text, "must be <= 256 characters long");
        }

        if (text.Length == 0)
        {
            errors.Invalid(at, text, "must not be an empty string");
        }

        int bytes = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool printable = rune.Value == ' ' || !(Rune.IsControl(rune) || Rune.IsWhiteSpace(rune) ||
                Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.OtherNotAssigned or
                    UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate);
            if (!printable)
            {
                errors.Invalid(at, text, string.Create(
                    CultureInfo.InvariantCulture,
                    $"must only contain printable UTF-8 characters; non-printable character found at index {bytes}"));
                break;
            }

            bytes += rune.Utf8SequenceLength;
        }
    }

    private static void Reviews(JsonList? reviews, FieldPath path, FieldErrors errors)
    {
        if (reviews is not { Count: > 0 })
        {
            errors.Required(path);
            return;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        int index = 0;
        foreach (string version in reviews.Strings())
        {
            FieldPath at = path.Index(index++);
            if (!seen.Add(version))
            {
                errors.Invalid(at, version, "duplicate version");
                continue;
            }

            foreach (string fault in NameRules.Dns1035Label(version))
            {
                errors.Invalid(at, version, fault);
            }
        }

        if (!seen.Contains("v1") && !seen.Contains("v1beta1"))
        {
            errors.Invalid(path, reviews, "must include at least one of v1, v1beta1");
        }
    }

    /// <summary>True where the path was refused.</summary>
    private static bool Simple(string path, FieldPath at, FieldErrors errors)
    {
        if (path.StartsWith('.'))
        {
            return false;
        }

        errors.Invalid(at, path, "must be a simple json path starting with .");
        return true;
    }
}
