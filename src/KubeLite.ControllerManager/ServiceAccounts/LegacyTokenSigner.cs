using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using k8s.Models;
using KubeLite.Hosting;
using KubeLite.Hosting.Certificates;

namespace KubeLite.ControllerManager.ServiceAccounts;

/// <summary>
/// Signs the tokens that Secrets hold: they name their Secret and never expire (pkg/serviceaccount, legacy claims). Holds
/// the private key until disposed.
/// </summary>
internal sealed class LegacyTokenSigner : IDisposable
{
    private readonly RSA? _rsa;
    private readonly ECDsa? _ecdsa;
    private readonly string _header;

    private LegacyTokenSigner(RSA? rsa, ECDsa? ecdsa)
    {
        (_rsa, _ecdsa) = (rsa, ecdsa);
        var publicKey = rsa?.ExportSubjectPublicKeyInfo() ?? ecdsa!.ExportSubjectPublicKeyInfo();
        var algorithm = rsa is not null ? "RS256" : ecdsa!.KeySize switch { 384 => "ES384", 521 => "ES512", _ => "ES256" };
        _header = Encode(new JsonObject { ["alg"] = algorithm, ["kid"] = Encode(SHA256.HashData(publicKey)) });
    }

    /// <summary>Reads a PEM key, RSA or elliptic.</summary>
    /// <exception cref="StartupException">The file holds no such key.</exception>
    internal static LegacyTokenSigner Load(string file)
    {
        AsymmetricAlgorithm key = ServiceAccountKeys.Load("--service-account-private-key-file", file, isPrivate: true)[0];
        return new LegacyTokenSigner(key as RSA, key as ECDsa);
    }

    /// <summary>The token of an account that lives in a Secret.</summary>
    internal string Sign(V1ServiceAccount account, V1Secret secret)
    {
        var claims = new JsonObject
        {
            ["iss"] = "kubernetes/serviceaccount",
            ["kubernetes.io/serviceaccount/namespace"] = account.Metadata.NamespaceProperty,
            ["kubernetes.io/serviceaccount/secret.name"] = secret.Metadata.Name,
            ["kubernetes.io/serviceaccount/service-account.name"] = account.Metadata.Name,
            ["kubernetes.io/serviceaccount/service-account.uid"] = account.Metadata.Uid,
            ["sub"] = $"system:serviceaccount:{account.Metadata.NamespaceProperty}:{account.Metadata.Name}",
        };
        var signed = _header + "." + Encode(claims);
        var bytes = Encoding.ASCII.GetBytes(signed);
        var signature = _rsa?.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            ?? _ecdsa!.SignData(
                bytes,
                _ecdsa.KeySize switch { 384 => HashAlgorithmName.SHA384, 521 => HashAlgorithmName.SHA512, _ => HashAlgorithmName.SHA256 });
        return signed + "." + Encode(signature);
    }

    public void Dispose()
    {
        _rsa?.Dispose();
        _ecdsa?.Dispose();
    }

    private static string Encode(JsonObject json) => Encode(Encoding.UTF8.GetBytes(json.ToJsonString()));

    private static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);
}
