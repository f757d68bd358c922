using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Endpoints;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Requests;

namespace KubeLite.ApiServer.CustomResources;

/// <summary>
/// What the body of a custom object must say of its kind: nothing is filled in, unlike for built-in kinds (apimachinery's
/// <c>unstructured</c> decoding and apiextensions' <c>ValidateTypeMeta</c> of v1.36).
/// </summary>
public static class CustomKinds
{
    /// <summary>Refuses a body of no kind, another version or another kind.</summary>
    /// <exception cref="ApiException">400 or 422, in Kubernetes' words.</exception>
    public static void Check(ApiRequest request, JsonMap obj, ResourceDefinition definition, byte[] body)
    {
        string apiVersion = obj.String("apiVersion") ?? "", kind = obj.String("kind") ?? "";
        if (kind.Length == 0)
        {
            bool json = RequestBody.MediaType(request) is "" or "application/json";
            string data = json ? Encoding.UTF8.GetString(body) : JsonWriting.ToText(obj);
            throw WriteEndpoint.CannotHandle(definition.Kind, $"Object 'Kind' is missing in '{data}'");
        }

        if (apiVersion != definition.Kind.ApiVersion)
        {
            throw ApiException.BadRequest(
                $"the API version in the data ({apiVersion}) does not match the expected API version ({definition.Kind.ApiVersion})");
        }

        if (kind != definition.Kind.Kind)
        {
            var errors = new FieldErrors();
            errors.Invalid(FieldPath.Of("kind"), kind, $"must be {definition.Kind.Kind}");
            throw ApiException.Invalid(definition.Group, kind, obj.Map("metadata")?.String("name") ?? "", errors);
        }
    }
}
