using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Core.ConfigMaps;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Core.Secrets;

/// <summary>Secrets (Kubernetes v1.36, <c>pkg/registry/core/secret</c>).</summary>
public sealed class SecretStrategy : ResourceStrategy
{
    private const string Opaque = "Opaque";
    private const string ServiceAccountName = "kubernetes.io/service-account.name";
    private const string Redacted = "<secret contents redacted>";

    /// <inheritdoc />
    public override IReadOnlyList<string> SelectableFields => ["type"];

    /// <summary>Takes plain text into the data, and sets the type.</summary>
    public static void Default(JsonMap secret)
    {
        if (secret.Map("stringData") is { } texts)
        {
            foreach (var (key, value) in texts)
            {
                secret.MapAt("data")[key] = System.Convert.ToBase64String(Encoding.UTF8.GetBytes(value as string ?? ""));
            }
        }

        secret.Remove("stringData");
        if ((secret.String("type") ?? "").Length == 0)
        {
            secret["type"] = Opaque;
        }
    }

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        JsonMap data = obj.Map("data") ?? new JsonMap();
        FieldPath path = FieldPath.Of("data");
        long size = 0;
        foreach (var (key, value) in data)
        {
            FieldRules.Follows(NameRules.ConfigKey(key), key, path.Key(key), errors);
            size += ConfigMapStrategy.Base64Length(value as string ?? "");
        }

        if (size > ConfigMapStrategy.MaxBytes)
        {
            errors.TooLong(path, ConfigMapStrategy.MaxBytes);
        }

        Content(obj, data, path, errors);
    }

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        FieldRules.Immutable(obj["type"], old["type"], FieldPath.Of("type"), errors);
        ConfigMapStrategy.Unchanged(obj, old, errors, "data");
        Validate(context, obj, errors);
    }

    /// <inheritdoc />
    public override IEnumerable<string> Warnings(WriteContext context, JsonMap obj, JsonMap? old) =>
        obj.String("type") == "kubernetes.io/tls" && TlsPair.Fault(obj.Map("data")) is { } fault ? [fault] : [];

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata");
        return
        [
            metadata.String("name"),
            obj.String("type") ?? "",
            (long)(obj.Map("data")?.Count ?? 0),
            TableText.Age(metadata.String("creationTimestamp")),
        ];
    }

    /// <summary>What a type of secret must hold.</summary>
    private static void Content(JsonMap obj, JsonMap data, FieldPath path, FieldErrors errors)
    {
        switch (obj.String("type"))
        {
            case "kubernetes.io/service-account-token":
                if ((obj.MapAt("metadata").Map("annotations")?.String(ServiceAccountName) ?? "").Length == 0)
                {
                    errors.Required(FieldPath.Of("metadata", "annotations").Key(ServiceAccountName));
                }

                break;
            case "kubernetes.io/dockercfg":
                Json(data, ".dockercfg", path, errors);
                break;
            case "kubernetes.io/dockerconfigjson":
                Json(data, ".dockerconfigjson", path, errors);
                break;
            case "kubernetes.io/basic-auth":
                if (!data.ContainsKey("username") && !data.ContainsKey("password"))
                {
                    errors.Required(path.Key("username"));
                    errors.Required(path.Key("password"));
                }

                break;
            case "kubernetes.io/ssh-auth":
                if ((data.String("ssh-privatekey") ?? "").Length == 0)
                {
                    errors.Required(path.Key("ssh-privatekey"));
                }

                break;
            case "kubernetes.io/tls":
                foreach (string key in (string[])["tls.crt", "tls.key"])
                {
                    if (!data.ContainsKey(key))
                    {
                        errors.Required(path.Key(key));
                    }
                }

                break;
        }
    }

    private static void Json(JsonMap data, string key, FieldPath path, FieldErrors errors)
    {
        if (!data.TryGetValue(key, out object? value))
        {
            errors.Required(path.Key(key));
            return;
        }

        try
        {
            object? content = JsonReading.Read(System.Convert.FromBase64String(value as string ?? ""));
            if (content is not (null or JsonMap))
            {
                errors.Invalid(
                    path.Key(key), Redacted,
                    $"json: cannot unmarshal {JsonValue.KindName(content)} into Go value of type map[string]interface {{}}");
            }
        }
        catch (JsonSyntaxException e)
        {
            errors.Invalid(path.Key(key), Redacted, e.Message);
        }
    }
}
