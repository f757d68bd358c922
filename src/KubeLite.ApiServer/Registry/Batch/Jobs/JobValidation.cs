using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Core.Pods;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Batch.Jobs;

/// <summary>Validates Jobs (Kubernetes v1.36, <c>pkg/apis/batch/validation</c>).</summary>
public static class JobValidation
{
    private const long MaxIndexedParallelism = 100_000;
    private const long MaxFailedIndexes = 100_000;
    private const long ManyCompletions = 100_000;
    private const long MaxWithManyCompletions = 10_000;
    private const int MaxManagedByLength = 63;
    private const string ControllerUid = "batch.kubernetes.io/controller-uid";
    private const string JobName = "batch.kubernetes.io/job-name";

    /// <summary>Validates a whole Job.</summary>
    /// <param name="context">The write.</param>
    /// <param name="job">The Job.</param>
    /// <param name="old">As it was, which may be of a time with fewer labels; null for a new one.</param>
    /// <param name="errors">Gets the faults.</param>
    public static void Job(WriteContext context, JsonMap job, JsonMap? old, FieldErrors errors)
    {
        JsonMap spec = job.MapAt("spec"), metadata = job.MapAt("metadata");
        FieldPath path = FieldPath.Of("spec");
        GeneratedSelector(metadata, spec, old, errors);
        JobSpec(context, spec, path, errors);
        string name = metadata.String("name") ?? "";
        if (spec.String("completionMode") == "Indexed" && spec.Integer("completions") is > 0 and var completions)
        {
            string hostname = $"{name}-{completions - 1}";
            if (NameRules.DnsLabel(hostname).Any())
            {
                errors.Invalid(FieldPath.Of("metadata", "name"), name, $"will not able to create pod with invalid DNS label: {hostname}");
            }
        }
    }

    /// <summary>Validates a Job's spec against the old.</summary>
    public static void Update(WriteContext context, JsonMap job, JsonMap old, FieldErrors errors)
    {
        JsonMap spec = job.MapAt("spec"), oldSpec = old.MapAt("spec");
        FieldPath path = FieldPath.Of("spec");
        Schema schema = context.Resource.StorageSchema.Field("spec")!.Schema;
        JobSpec(context, spec, path, errors);
        Completions(spec, oldSpec, path, errors);
        FieldRules.Immutable(spec["selector"], oldSpec["selector"], path.Child("selector"), errors);
        Template(spec, old, path.Child("template"), schema.Field("template")!.Schema, errors);
        foreach (string name in (string[])["completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"])
        {
            FieldRules.Immutable(
                spec[name], oldSpec[name], path.Child(name), errors, () => InternalForm.Of(spec[name], schema.Field(name)!.Schema));
        }
    }

    /// <summary>Validates a spec, in a Job or a template of Jobs, without its selector.</summary>
    public static void Template(WriteContext context, JsonMap spec, FieldPath path, FieldErrors errors)
    {
        foreach (string name in (string[])
        [
            "parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished", "backoffLimitPerIndex",
            "maxFailedIndexes",
        ])
        {
            FieldRules.NonNegative(spec, name, path, errors);
        }

        if (spec["maxFailedIndexes"] is not null && spec["backoffLimitPerIndex"] is null)
        {
            errors.Required(path.Child("backoffLimitPerIndex"), "when maxFailedIndexes is specified");
        }

        if (spec.String("managedBy") is { } manager)
        {
            DomainPath.Validate(manager, path.Child("managedBy"), errors);
            if (manager.Length > MaxManagedByLength)
            {
                errors.TooLong(path.Child("managedBy"), MaxManagedByLength);
            }
        }

        CompletionMode(spec, path, errors);
        if (spec.Map("podFailurePolicy") is { } failure)
        {
            JobPolicyValidation.Failure(spec, failure, path.Child("podFailurePolicy"), errors);
        }

        if (spec.Map("successPolicy") is { } success)
        {
            FieldPath at = path.Child("successPolicy");
            if (spec.String("completionMode") != "Indexed")
            {
                errors.Invalid(
                    at, InternalForm.Of(success, JobSchema(context).Field("successPolicy")!.Schema), "requires indexed completion mode");
            }
            else
            {
                JobPolicyValidation.Success(spec, success, at, errors);
            }
        }

        if (spec.String("podReplacementPolicy") is { } replacement)
        {
            FieldRules.OneOf(
                replacement, path.Child("podReplacementPolicy"),
                errors, spec.Map("podFailurePolicy") is null ? ["Failed", "TerminatingOrFailed"] : ["Failed"]);
        }

        PodTemplateValidation.Validate(spec.Map("template"), path.Child("template"), errors);
        RestartPolicy(spec, path.Child("template").Child("spec").Child("restartPolicy"), errors);
    }

    private static void JobSpec(WriteContext context, JsonMap spec, FieldPath path, FieldErrors errors)
    {
        Template(context, spec, path, errors);
        JsonMap? selector = spec.Map("selector");
        if (selector is null)
        {
            errors.Required(path.Child("selector"));
        }
        else
        {
            SelectorValidation.Labels(selector, path.Child("selector"), errors);
        }

        JsonMap? labels = spec.Map("template")?.Map("metadata")?.Map("labels");
        if (LabelSelectors.IsValid(selector) && !LabelSelectors.Selects(selector, labels))
        {
            errors.Invalid(path.Child("template").Child("metadata").Child("labels"), labels, "`selector` does not match template `labels`");
        }
    }

    private static void GeneratedSelector(JsonMap metadata, JsonMap spec, JsonMap? old, FieldErrors errors)
    {
        if (spec.Flag("manualSelector") || spec.Map("selector") is not { } selector)
        {
            return;
        }

        string uid = metadata.String("uid") ?? "", name = metadata.String("name") ?? "";
        JsonMap? labels = spec.Map("template")?.Map("metadata")?.Map("labels");
        var expected = new JsonMap
        {
            { "controller-uid", uid },
            { "job-name", name },
        };
        JsonMap? before = old?.MapAt("spec").Map("template")?.Map("metadata")?.Map("labels");
        if (old is null || (before?.ContainsKey(ControllerUid) == true && before.ContainsKey(JobName)))
        {
            expected.Add(ControllerUid, uid);
            expected.Add(JobName, name);
        }

        FieldPath path = FieldPath.Of("spec", "template", "metadata", "labels");
        foreach (var (key, value) in expected)
        {
            string? actual = labels?.String(key);
            if (actual is null)
            {
                errors.Required(path.Key(key), $"must be '{value}'");
            }
            else if (actual != (string)value!)
            {
                errors.Invalid(path.Key(key), labels, $"must be '{value}'");
            }
        }

        if (LabelSelectors.IsValid(selector) && !LabelSelectors.Selects(selector, expected))
        {
            errors.Invalid(FieldPath.Of("spec", "selector"), selector, "`selector` not auto-generated");
        }
    }

    private static void CompletionMode(JsonMap spec, FieldPath path, FieldErrors errors)
    {
        string? mode = spec.String("completionMode");
        long? completions = spec.Integer("completions"), parallelism = spec.Integer("parallelism");
        long? maxFailed = spec.Integer("maxFailedIndexes"), perIndex = spec.Integer("backoffLimitPerIndex");
        if (mode is not (null or "NonIndexed" or "Indexed"))
        {
            errors.NotSupported(path.Child("completionMode"), mode, "NonIndexed", "Indexed");
        }

        if (mode == "Indexed")
        {
            if (completions is null)
            {
                errors.Required(path.Child("completions"), "when completion mode is Indexed");
            }

            if (parallelism > MaxIndexedParallelism)
            {
                errors.Invalid(
                    path.Child("parallelism"), parallelism,
                    $"must be less than or equal to {MaxIndexedParallelism} when completion mode is Indexed");
            }

            if (maxFailed > completions)
            {
                errors.Invalid(path.Child("maxFailedIndexes"), maxFailed, "must be less than or equal to completions");
            }

            if (maxFailed > MaxFailedIndexes)
            {
                errors.Invalid(path.Child("maxFailedIndexes"), maxFailed, $"must be less than or equal to {MaxFailedIndexes}");
            }

            if (completions > ManyCompletions && perIndex is not null)
            {
                string detail =
                    $"must be less than or equal to {MaxWithManyCompletions} when completions are above {ManyCompletions} and used with backoff limit per index";
                if (maxFailed is null)
                {
                    errors.Required(path.Child("maxFailedIndexes"), $"must be specified when completions is above {ManyCompletions}");
                }

                if (parallelism > MaxWithManyCompletions)
                {
                    errors.Invalid(path.Child("parallelism"), parallelism, detail);
                }

                if (maxFailed > MaxWithManyCompletions)
                {
                    errors.Invalid(path.Child("maxFailedIndexes"), maxFailed, detail);
                }
            }
        }

        if (mode is null or "NonIndexed")
        {
            foreach (string name in (string[])["backoffLimitPerIndex", "maxFailedIndexes"])
            {
                if (spec[name] is { } value)
                {
                    errors.Invalid(path.Child(name), value, "requires indexed completion mode");
                }
            }
        }
    }

    private static void RestartPolicy(JsonMap spec, FieldPath path, FieldErrors errors)
    {
        string policy = spec.Map("template")?.Map("spec")?.String("restartPolicy") ?? "";
        if (policy is "Always" or "")
        {
            errors.Required(path, "valid values: \"OnFailure\", \"Never\"");
        }
        else if (policy is not ("OnFailure" or "Never"))
        {
            errors.NotSupported(path, policy, "OnFailure", "Never");
        }
        else if (spec.Map("podFailurePolicy") is not null && policy != "Never")
        {
            errors.Invalid(path, policy, "only \"Never\" is supported when podFailurePolicy is specified");
        }
    }

    private static void Completions(JsonMap spec, JsonMap old, FieldPath path, FieldErrors errors)
    {
        if (spec.String("completionMode") != "Indexed")
        {
            FieldRules.Immutable(spec["completions"], old["completions"], path.Child("completions"), errors);
        }
        else if (spec.Integer("completions") is { } completions
            && completions != old.Integer("completions") && completions != spec.Integer("parallelism"))
        {
            errors.Invalid(path.Child("completions"), completions, "can only be modified in tandem with spec.parallelism");
        }
    }

    /// <summary>The template stays, but a suspended Job may change where its Pods will run and what they ask for.</summary>
    private static void Template(JsonMap spec, JsonMap old, FieldPath path, Schema schema, FieldErrors errors)
    {
        JsonMap oldSpec = old.MapAt("spec");
        JsonMap template = spec.MapAt("template"), expected = oldSpec.MapAt("template").DeepCopy();
        bool mutable = oldSpec.Flag("suspend") && (old.Map("status")?["startTime"] is null || JobStatusValidation.Has(old, "Suspended")) &&
            old.Map("status")?.Integer("active") is null or 0;
        if (!mutable)
        {
            FieldRules.Immutable(template, expected, path, errors, () => InternalForm.Of(template, schema));
            return;
        }

        AllowScheduling(template, expected);
        JsonMap pod = template.MapAt("spec"), expectedPod = expected.MapAt("spec");
        AllowResources(pod, expectedPod, "containers");
        AllowResources(pod, expectedPod, "initContainers");
        FieldRules.Immutable(pod, expectedPod, path.Child("spec"), errors, () => InternalForm.Of(pod, schema.Field("spec")!.Schema));
    }

    private static void AllowScheduling(JsonMap template, JsonMap expected)
    {
        foreach (string name in (string[])["annotations", "labels"])
        {
            Take(template.MapAt("metadata"), expected.MapAt("metadata"), name);
        }

        JsonMap pod = template.MapAt("spec"), expectedPod = expected.MapAt("spec");
        foreach (string name in (string[])["nodeSelector", "tolerations", "schedulingGates"])
        {
            Take(pod, expectedPod, name);
        }

        if (pod.Map("affinity") is { } affinity)
        {
            Take(affinity, expectedPod.MapAt("affinity"), "nodeAffinity");
        }
        else if (expectedPod.Map("affinity") is { } oldAffinity)
        {
            oldAffinity.Remove("nodeAffinity");
            if (oldAffinity.Count == 0)
            {
                expectedPod.Remove("affinity");
            }
        }
    }

    private static void AllowResources(JsonMap pod, JsonMap expected, string name)
    {
        if (pod.List(name) is not { } containers || expected.List(name) is not { } old || containers.Count != old.Count)
        {
            return;
        }

        for (int i = 0; i < containers.Count; i++)
        {
            if (containers[i] is JsonMap container && old[i] is JsonMap before && container.String("name") == before.String("name"))
            {
                Take(container, before, "resources");
            }
        }
    }

    private static void Take(JsonMap from, JsonMap to, string name)
    {
        if (from[name] is { } value)
        {
            to[name] = JsonValue.DeepCopy(value);
        }
        else
        {
            to.Remove(name);
        }
    }

    private static Schema JobSchema(WriteContext context)
    {
        Schema spec = context.Resource.StorageSchema.Field("spec")!.Schema;
        return spec.Field("jobTemplate")?.Schema.Field("spec")!.Schema ?? spec;
    }
}
