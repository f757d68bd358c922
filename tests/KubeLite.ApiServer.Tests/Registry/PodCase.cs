using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiServer.Registry.Core.Pods;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Tests.Registry;

/// <summary>Pods in few words: a spec as JSON, with a container where it names none, defaulted.</summary>
internal static class PodCase
{
    private static readonly Schema s_schema = ApiFacts.Newest.Type("io.k8s.api.core.v1.Pod");

    /// <summary>The Pod of a spec.</summary>
    public static JsonMap Pod(string spec, string name = "x")
    {
        JsonMap content = JsonReading.ReadMap(Encoding.UTF8.GetBytes(spec));
        content.SetDefault("containers", new JsonList { new JsonMap { { "name", "c" }, { "image", "nginx" } } });
        var pod = new JsonMap { { "metadata", new JsonMap { { "name", name } } }, { "spec", content } };
        var defaulter = new Defaulter();
        PodSpecDefaults.Register(defaulter);
        defaulter.Apply(pod, s_schema);
        return pod;
    }

    /// <summary>A spec with one container that has these members.</summary>
    public static string Container(string members) => $$"""{"containers":[{"name":"c","image":"nginx",{{members}}}]}""";

    /// <summary>The faults of a spec, each as its path and what is wrong.</summary>
    public static string Faults(string spec)
    {
        JsonMap pod = Pod(spec);
        var errors = new FieldErrors();
        new PodSpecValidation(errors, allowPrivileged: true).Validate(pod.MapAt("spec"), pod.MapAt("metadata"), FieldPath.Of("spec"));
        return string.Join("\n", errors.Select(e => e.ToString()));
    }

    /// <summary>What a caller is warned of.</summary>
    public static string Warnings(string spec)
    {
        JsonMap pod = Pod(spec);
        return string.Join("\n", PodWarnings.All(pod.MapAt("spec"), pod.MapAt("metadata"), null));
    }
}
