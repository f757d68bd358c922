using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Authentication;
using KubeLite.ApiServer.Registry.Generic;
using Microsoft.Extensions.Logging;

namespace KubeLite.ApiServer.Bootstrap;

/// <summary>
/// What stands in the ConfigMaps that an API server keeps in kube-system (Kubernetes v1.36,
/// <c>controlplane/controller/clusterauthenticationtrust</c> and <c>legacytokentracking</c>).
/// </summary>
public static class SystemConfigMaps
{
    /// <summary>Tells extension API servers whose client certificates this cluster takes.</summary>
    public const string Authentication = "extension-apiserver-authentication";

    /// <summary>Says since when the use of ServiceAccounts' Secrets is recorded.</summary>
    public const string TokenTracking = "kube-apiserver-legacy-service-account-token-tracking";

    private const string ClientAuthorities = "client-ca-file", ProxyAuthorities = "requestheader-client-ca-file", Since = "since";

    private static readonly TimeSpan s_expirySlack = TimeSpan.FromMinutes(5);

    /// <summary>Those that this server keeps.</summary>
    internal static KeptConfigMap[] Kept(
        ClientCertificates certificates, SystemWriter writer, ResourceRegistry registry, TimeProvider time,
        ILogger<KeptConfigMap> logger) =>
    [
        new(Authentication, data => AuthenticationData(data, certificates.AuthoritiesPem, time.GetUtcNow()), writer, registry, time,
            logger),
        new(TokenTracking, data => TokenTrackingData(data, time.GetUtcNow()), writer, registry, time, logger),
    ];

    /// <summary>
    /// This server's authorities together with those of servers with others, without what has expired. What others say of
    /// a front proxy stays; this server trusts none.
    /// </summary>
    /// <param name="data">The ConfigMap's data.</param>
    /// <param name="authorities">This server's authorities of client certificates in PEM; may be empty.</param>
    /// <param name="now">The time.</param>
    public static JsonMap AuthenticationData(JsonMap data, string authorities, DateTimeOffset now)
    {
        var right = new JsonMap();
        if (Combine(data.String(ClientAuthorities) ?? "", authorities, now) is { Length: > 0 } combined)
        {
            right.Append(ClientAuthorities, combined);
        }

        if (data.String(ProxyAuthorities) is { Length: > 0 })
        {
            for (int i = 0; i < data.Count; i++)
            {
                if (data.At(i).Key.StartsWith("requestheader-", StringComparison.Ordinal))
                {
                    right.Append(data.At(i).Key, data.At(i).Value);
                }
            }
        }

        return right;
    }

    /// <summary>The day stays, unless it is none.</summary>
    public static JsonMap TokenTrackingData(JsonMap data, DateTimeOffset now)
    {
        const string layout = "yyyy-MM-dd";
        JsonMap right = data.DeepCopy();
        if (!DateOnly.TryParseExact(data.String(Since), layout, CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
        {
            right[Since] = now.UtcDateTime.ToString(layout, CultureInfo.InvariantCulture);
        }

        return right;
    }

    private static string Combine(string existing, string own, DateTimeOffset now)
    {
        var certificates = new X509Certificate2Collection();
        foreach (string pem in (string[])[existing, own])
        {
            try
            {
                certificates.ImportFromPem(pem);
            }
            catch (CryptographicException)
            {
                // What can't be read can't be trusted by anyone either: it is replaced.
            }
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        var text = new System.Text.StringBuilder();
        foreach (X509Certificate2 certificate in certificates)
        {
            if (certificate.NotAfter.ToUniversalTime() > now.UtcDateTime - s_expirySlack && seen.Add(certificate.Thumbprint))
            {
                text.Append(certificate.ExportCertificatePem()).Append('\n');
            }

            certificate.Dispose();
        }

        return text.ToString();
    }
}
