using System.Globalization;
using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using Microsoft.AspNetCore.Http;

namespace KubeLite.ApiServer.Requests;

/// <summary>The options of creates, updates and patches (metav1.CreateOptions, UpdateOptions, PatchOptions).</summary>
/// <param name="DryRun">True where nothing is stored.</param>
/// <param name="FieldManager">The manager that gets to own what changes.</param>
/// <param name="FieldValidation">Strict, Warn or Ignore; Warn where the caller says nothing.</param>
/// <param name="Force">True where an apply takes fields from other managers.</param>
public sealed record WriteOptions(bool DryRun, string FieldManager, string FieldValidation, bool Force)
{
    private const int MaxManagerLength = 128;

    /// <summary>Reads the options of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="kind">CreateOptions, UpdateOptions or PatchOptions.</param>
    /// <param name="apply">True for a server-side apply, which must name its manager.</param>
    /// <exception cref="ApiException">400 or 422 as Kubernetes' validation of the options gives it.</exception>
    public static WriteOptions Of(ApiRequest request, string kind, bool apply = false)
    {
        IQueryCollection query = request.Http.Request.Query;
        var errors = new FieldErrors();
        bool patch = kind == "PatchOptions";
        bool force = false;
        if (query.TryGetValue("force", out var forceText) && forceText.Count > 0)
        {
            force = QueryFlags.IsTrue(query, "force");
            if (patch && !apply)
            {
                errors.Forbidden(FieldPath.Of("force"), "may not be specified for non-apply patch");
            }
        }

        string manager = request.Query("fieldManager") ?? "";
        if (apply && manager.Length == 0)
        {
            errors.Required(FieldPath.Of("fieldManager"), "is required for apply patch");
        }

        if (Encoding.UTF8.GetByteCount(manager) > MaxManagerLength)
        {
            errors.TooLong(FieldPath.Of("fieldManager"), MaxManagerLength);
        }

        int position = 0;
        foreach (Rune rune in manager.EnumerateRunes())
        {
            if (!IsPrintable(rune))
            {
                errors.Invalid(
                    FieldPath.Of("fieldManager"), manager,
                    string.Create(CultureInfo.InvariantCulture, $"invalid character U+{rune.Value:X4} (at position {position})"));
            }

            position += rune.Utf8SequenceLength;
        }

        bool dryRun = DryRunOf(query, errors);
        string validation = request.Query("fieldValidation") ?? "";
        if (validation is not ("" or "Strict" or "Warn" or "Ignore"))
        {
            errors.NotSupported(FieldPath.Of("fieldValidation"), validation, "", "Ignore", "Strict", "Warn");
        }

        if (errors.Count > 0)
        {
            throw ApiException.Invalid("meta.k8s.io", kind, "", errors);
        }

        return new WriteOptions(
            dryRun,
            manager.Length > 0 ? manager : ManagerOf(request.Http.Request.Headers.UserAgent.ToString()),
            validation.Length > 0 ? validation : "Warn",
            force);
    }

    /// <summary>Reads dryRun: the only value is All.</summary>
    private static bool DryRunOf(IQueryCollection query, FieldErrors errors)
    {
        if (!query.TryGetValue("dryRun", out var values) || values.Count == 0)
        {
            return false;
        }

        if (values.Any(v => v != "All"))
        {
            errors.NotSupported(FieldPath.Of("dryRun"), new JsonList(values), "All");
        }

        return true;
    }

    /// <summary>The manager's name where none is given: the first part of the user agent.</summary>
    private static string ManagerOf(string userAgent)
    {
        string name = userAgent.Split('/')[0];
        var text = new StringBuilder();
        int length = 0;
        foreach (Rune rune in name.EnumerateRunes())
        {
            if (!IsPrintable(rune))
            {
                continue;
            }

            length += rune.Utf8SequenceLength;
            if (length > MaxManagerLength)
            {
                break;
            }

            text.Append(rune.ToString());
        }

        return text.ToString();
    }

    /// <summary>As Go's <c>unicode.IsPrint</c>: of all spaces only the plain one.</summary>
    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate or
        UnicodeCategory.PrivateUse or
        UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
