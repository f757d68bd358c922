using System.Text;
using k8s.Models;
using KubeLite.ControllerManager.RootCa;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.ControllerRuntime.WorkQueues;

namespace KubeLite.ControllerManager.ServiceAccounts;

/// <summary>
/// The <c>serviceaccount-token-controller</c>: puts a token into Secrets of the type <c>kubernetes.io/service-account-token</c>
/// and deletes those whose account is gone.
/// </summary>
public sealed class ServiceAccountTokenController : ObjectController
{
    private const string SecretType = "kubernetes.io/service-account-token";
    private const string NameAnnotation = "kubernetes.io/service-account.name";
    private const string UidAnnotation = "kubernetes.io/service-account.uid";

    private readonly LegacyTokenSigner _signer;
    private readonly string _bundle;
    private readonly SharedInformer<V1Secret> _secrets;
    private readonly SharedInformer<V1ServiceAccount> _accounts;

    private ServiceAccountTokenController(ControllerContext context, LegacyTokenSigner signer) : base(
        context, "serviceaccount-token-controller", 2)
    {
        _signer = signer;
        _bundle = RootCaPublisher.Bundle(context.Options);
        _accounts = Watch<V1ServiceAccount>();
        _secrets = Await(context.Informers.Informer<V1Secret>(new InformerSelection(FieldSelector: "type=" + SecretType)));
        _secrets.AddHandler(new ResourceEventHandler<V1Secret>(Enqueue, (_, secret) => Enqueue(secret)));
        _accounts.AddHandler(new ResourceEventHandler<V1ServiceAccount>(EnqueueSecrets, deleted: EnqueueSecrets));
    }

    /// <summary>Makes it, or answers null where there is no key to sign with.</summary>
    public static ServiceAccountTokenController? TryCreate(ControllerContext context) =>
        context.Options.ServiceAccountPrivateKeyFile is { } file
            ? new ServiceAccountTokenController(context, LegacyTokenSigner.Load(file))
            : null;

    /// <inheritdoc/>
    public override async Task RunAsync(CancellationToken cancellationToken)
    {
        using var signer = _signer;
        await base.RunAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (_secrets.Store.Get(key) is not { } secret || secret.Metadata.DeletionTimestamp is not null
            || secret.Metadata.Annotations?.TryGetValue(NameAnnotation, out var name) != true || string.IsNullOrEmpty(name))
        {
            return ReconcileResult.Done;
        }
        var account = await Client.FindAsync<V1ServiceAccount>(key.Namespace, name, cancellationToken).ConfigureAwait(false);
        secret.Metadata.Annotations.TryGetValue(UidAnnotation, out var uid);
        if (account is null || (!string.IsNullOrEmpty(uid) && uid != account.Metadata.Uid))
        {
            await DeleteAsync(secret, cancellationToken).ConfigureAwait(false);
            return ReconcileResult.Done;
        }
        var data = secret.Data is null ? new Dictionary<string, byte[]>() : new Dictionary<string, byte[]>(secret.Data);
        var missing = uid != account.Metadata.Uid;
        missing |= Put(data, "ca.crt", Encoding.UTF8.GetBytes(_bundle));
        missing |= Put(data, "namespace", Encoding.UTF8.GetBytes(key.Namespace));
        if (!data.TryGetValue("token", out var token) || token.Length == 0)
        {
            data["token"] = Encoding.UTF8.GetBytes(_signer.Sign(account, secret));
            missing = true;
        }
        if (missing)
        {
            var annotations = new Dictionary<string, string>(secret.Metadata.Annotations) { [UidAnnotation] = account.Metadata.Uid };
            await Client.UpdateAsync(
                secret with { Metadata = secret.Metadata with { Annotations = annotations }, Data = data },
                cancellationToken).ConfigureAwait(false);
        }
        return ReconcileResult.Done;
    }

    private async Task DeleteAsync(V1Secret secret, CancellationToken cancellationToken)
    {
        try
        {
            var options = new V1DeleteOptions { Preconditions = new V1Preconditions { Uid = secret.Metadata.Uid } };
            await Client.DeleteAsync<V1Secret>(secret.Metadata.NamespaceProperty, secret.Metadata.Name, options, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (ApiStatusException e) when (e.IsNotFound || e.IsConflict)
        {
            // Gone already.
        }
    }

    private static bool Put(Dictionary<string, byte[]> data, string name, byte[] value)
    {
        if (value.Length == 0 || (data.TryGetValue(name, out var old) && old.AsSpan().SequenceEqual(value)))
        {
            return false;
        }
        data[name] = value;
        return true;
    }

    private void EnqueueSecrets(CachedObject account)
    {
        foreach (var secret in _secrets.Store.CachedNamespace(account.Metadata.NamespaceProperty))
        {
            if (secret.Metadata.Annotations?.TryGetValue(NameAnnotation, out var name) == true && name == account.Metadata.Name)
            {
                Enqueue(secret);
            }
        }
    }
}
