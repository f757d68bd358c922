using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Xunit;

namespace KubeLite.System.Tests;

/// <summary>Asks with the C# client what is only asked: reviews, a token, a binding, an eviction.</summary>
internal sealed class CSharpAsked(string kubeconfig)
{
    private const string Namespace = "csharp-asked";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private readonly Kubernetes _client = new(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig));

    /// <summary>Asks everything.</summary>
    public async Task RunAsync()
    {
        using (_client)
        {
            await _client.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = Namespace } });
            await ReviewsAsync();
            await PodsAsync();
            V1ComponentStatusList components = await _client.CoreV1.ListComponentStatusAsync();
            Assert.Contains("etcd-0", components.Items.Select(c => c.Metadata.Name));
            await _client.CoreV1.DeleteNamespaceAsync(Namespace);
        }
    }

    private async Task ReviewsAsync()
    {
        var pods = new V1ResourceAttributes { NamespaceProperty = Namespace, Verb = "get", Resource = "pods" };
        V1SelfSubjectAccessReview self = await _client.AuthorizationV1.CreateSelfSubjectAccessReviewAsync(
            new V1SelfSubjectAccessReview { Spec = new V1SelfSubjectAccessReviewSpec { ResourceAttributes = pods } });
        V1SubjectAccessReview other = await _client.AuthorizationV1.CreateSubjectAccessReviewAsync(
            new V1SubjectAccessReview { Spec = new V1SubjectAccessReviewSpec { User = "nobody", ResourceAttributes = pods } });
        V1LocalSubjectAccessReview local = await _client.AuthorizationV1.CreateNamespacedLocalSubjectAccessReviewAsync(
            new V1LocalSubjectAccessReview
            {
                Metadata = new V1ObjectMeta { NamespaceProperty = Namespace },
                Spec = new V1SubjectAccessReviewSpec { User = "nobody", ResourceAttributes = pods },
            },
            Namespace);
        V1SelfSubjectRulesReview rules = await _client.AuthorizationV1.CreateSelfSubjectRulesReviewAsync(
            new V1SelfSubjectRulesReview { Spec = new V1SelfSubjectRulesReviewSpec { NamespaceProperty = Namespace } });
        V1SelfSubjectReview who = await _client.AuthenticationV1.CreateSelfSubjectReviewAsync(new V1SelfSubjectReview());
        await _client.CoreV1.CreateNamespacedServiceAccountAsync(
            new V1ServiceAccount { Metadata = new V1ObjectMeta { Name = "asked" } }, Namespace);
        Authenticationv1TokenRequest token = await _client.CoreV1.CreateNamespacedServiceAccountTokenAsync(
            new Authenticationv1TokenRequest
            {
                Spec = new V1TokenRequestSpec { Audiences = [], ExpirationSeconds = 600 },
            }, "asked", Namespace);
        V1TokenReview good = await ReviewAsync(token.Status.Token), bad = await ReviewAsync("nobody's");

        Assert.Equal([true, false, false], [self.Status.Allowed, other.Status.Allowed, local.Status.Allowed]);
        Assert.NotEmpty(rules.Status.ResourceRules);
        Assert.NotEmpty(who.Status.UserInfo.Username);
        Assert.Equal((true, $"system:serviceaccount:{Namespace}:asked"), (good.Status.Authenticated, good.Status.User.Username));
        Assert.NotEqual(true, bad.Status.Authenticated);

        Task<V1TokenReview> ReviewAsync(string text) =>
            _client.AuthenticationV1.CreateTokenReviewAsync(new V1TokenReview { Spec = new V1TokenReviewSpec { Token = text } });
    }

    private async Task PodsAsync()
    {
        using var end = new CancellationTokenSource(s_patience);
        await _client.CoreV1.CreateNamespacedPodAsync(
            new V1Pod
            {
                Metadata = new V1ObjectMeta { Name = "bound" },
                Spec = new V1PodSpec
                {
                    SchedulerName = "nobody",
                    TerminationGracePeriodSeconds = 0,
                    Containers = [new V1Container { Name = "c", Image = "i" }],
                },
            },
            Namespace);
        await _client.CoreV1.CreateNamespacedBindingAsync(
            new V1Binding
            {
                Metadata = new V1ObjectMeta { Name = "bound" },
                Target = new V1ObjectReference { Kind = "Node", Name = "node-0" },
            }, Namespace);
        Assert.Equal("node-0", (await _client.CoreV1.ReadNamespacedPodAsync("bound", Namespace)).Spec.NodeName);
        await _client.CoreV1.CreateNamespacedPodEvictionAsync(
            new V1Eviction { Metadata = new V1ObjectMeta { Name = "bound" } }, "bound", Namespace);
        try
        {
            while (true)
            {
                await _client.CoreV1.ReadNamespacedPodAsync("bound", Namespace);
                await Task.Delay(50, end.Token);
            }
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
        {
            // That is what was waited for.
        }
    }
}
