using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.Registry.Core.Pods.Containers;

/// <summary>Validates the images of a Pod's containers, more strictly than those of templates.</summary>
public static class PodContainerImages
{
    /// <summary>Adds the faults of images.</summary>
    /// <param name="containers">The containers.</param>
    /// <param name="path">Their path.</param>
    /// <param name="missing">True where a missing image is a fault here.</param>
    /// <param name="errors">Gets the faults.</param>
    public static void Validate(JsonList? containers, FieldPath path, bool missing, FieldErrors errors)
    {
        int index = 0;
        foreach (JsonMap container in containers?.Maps() ?? [])
        {
            FieldPath at = path.Index(index++).Child("image");
            string image = container.String("image") ?? "";
            if (missing && image.Length == 0)
            {
                errors.Required(at);
            }

            if (image.Trim().Length != image.Length)
            {
                errors.Invalid(at, image, "must not have leading or trailing whitespace");
            }
        }
    }
}
