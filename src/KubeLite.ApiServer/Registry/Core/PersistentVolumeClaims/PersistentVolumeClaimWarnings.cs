using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Quantities;

namespace KubeLite.ApiServer.Registry.Core.PersistentVolumeClaims;

/// <summary>What callers are warned of in claims (Kubernetes v1.36, <c>pkg/api/persistentvolumeclaim</c>).</summary>
public static class PersistentVolumeClaimWarnings
{
    /// <summary>The older place of a storage class's name.</summary>
    public const string ClassAnnotation = "volume.beta.kubernetes.io/storage-class";

    /// <summary>The message about <see cref="ClassAnnotation"/>.</summary>
    public const string ClassMessage = "deprecated since v1.8; use \"storageClassName\" attribute instead";

    /// <summary>The warnings of a claim.</summary>
    public static IEnumerable<string> Claim(JsonMap claim)
    {
        if (claim.Map("metadata")?.Map("annotations")?.ContainsKey(ClassAnnotation) == true)
        {
            yield return $"{FieldPath.Of("metadata", "annotations").Key(ClassAnnotation)}: {ClassMessage}";
        }

        foreach (string warning in Spec(claim.Map("spec"), FieldPath.Of("spec")))
        {
            yield return warning;
        }
    }

    /// <summary>The warnings of a spec.</summary>
    public static IEnumerable<string> Spec(JsonMap? spec, FieldPath path)
    {
        foreach (string member in (string[])["requests", "limits"])
        {
            if (spec?.Map("resources")?.Map(member)?.String("storage") is { } text
                && Quantity.TryParse(text, out Quantity amount, out _) && amount.MilliValue % 1000 != 0)
            {
                yield return
                    $"{path.Child("resources").Child(member).Key("storage")}: " +
                        $"fractional byte value {FieldError.GoQuote(text)} is invalid, must be an integer";
            }
        }
    }
}
