using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Registry.Core.ServiceAccounts;

/// <summary>ServiceAccounts (Kubernetes v1.36, <c>pkg/registry/core/serviceaccount</c>).</summary>
public sealed class ServiceAccountStrategy : ResourceStrategy
{
    private const string EnforceMountable = "kubernetes.io/enforce-mountable-secrets";

    /// <summary>Makes the strategy.</summary>
    public ServiceAccountStrategy() => ReturnsDeletedObject = true;

    /// <inheritdoc />
    public override void PrepareForCreate(WriteContext context, JsonMap obj) => NamesOnly(obj);

    /// <inheritdoc />
    public override void PrepareForUpdate(WriteContext context, JsonMap obj, JsonMap old) => NamesOnly(obj);

    /// <summary>Of the secrets' references only the names mean anything.</summary>
    private static void NamesOnly(JsonMap account)
    {
        if (account.List("secrets") is not { } secrets)
        {
            return;
        }

        for (int i = 0; i < secrets.Count; i++)
        {
            if (secrets[i] is JsonMap secret)
            {
                secrets[i] = new JsonMap { { "name", secret["name"] } };
            }
        }
    }

    /// <inheritdoc />
    public override IEnumerable<string> Warnings(WriteContext context, JsonMap obj, JsonMap? old) =>
        Enforces(obj) && (old is null || !Enforces(old))
            ? [$"metadata.annotations[{EnforceMountable}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets"]
            : [];

    private static bool Enforces(JsonMap account) => account.MapAt("metadata").Map("annotations")?.ContainsKey(EnforceMountable) == true;
}
