using System.Globalization;
using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Selectors;
using KubeLite.ApiServer.Endpoints;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Responses;

namespace KubeLite.ApiServer.Subresources;

/// <summary>Binding a Pod to a Node, and evicting it where its disruption budgets allow.</summary>
public sealed class PodEndpoints(ResourceRegistry registry, WriteEndpoint writes, ObjectStore objects)
{
    /// <summary>POST of pods/NAME/binding and of bindings.</summary>
    public async Task BindAsync(ApiRequest request, ResourceDefinition definition)
    {
        WriteOptions options = WriteOptions.Of(request, "CreateOptions");
        JsonMap binding = RequestBody.Parse(request, await RequestBody.ReadAsync(request), "Binding", []);
        JsonMap metadata = binding.MapAt("metadata");
        JsonMap? target = binding.Map("target");
        string name = request.Info.Name.Length > 0 ? request.Info.Name : metadata.String("name") ?? "";
        var errors = new FieldErrors();
        string kind = target?.String("kind") ?? "", node = target?.String("name") ?? "";
        if (kind is not ("" or "Node"))
        {
            errors.NotSupported(FieldPath.Of("target", "kind"), kind, "Node", "<empty>");
        }

        if (node.Length == 0)
        {
            errors.Required(FieldPath.Of("target", "name"));
        }

        if (errors.Count > 0)
        {
            throw ApiException.Bare(errors.ToString());
        }

        ResourceDefinition pods = registry.Get("", "pods");
        await objects.UpdateAsync(
            writes.Context(request, pods, "UPDATE", options.DryRun) with { Name = name, Subresource = "binding" },
            old => Assign(old!, binding, node, name, request, pods),
            mayCreate: false,
            request.Aborted);
        await ObjectResponse.SendAsync(request, 201, Success(201), ResponseFormat.Of(request.Http.Request, Responder.Plain));
    }

    /// <summary>POST of pods/NAME/eviction.</summary>
    public async Task EvictAsync(ApiRequest request, ResourceDefinition definition)
    {
        WriteOptions options = WriteOptions.Of(request, "CreateOptions");
        JsonMap eviction = RequestBody.Parse(request, await RequestBody.ReadAsync(request), "Eviction", []);
        string name = request.Info.Name;
        if (eviction.Map("metadata")?.String("name") is { Length: > 0 } given && given != name)
        {
            throw ApiException.BadRequest("name in URL does not match name in Eviction object");
        }

        JsonMap body = eviction.Map("deleteOptions") ?? new JsonMap();
        DeleteOptions delete = DeleteOptions.Of(body) with { DryRun = options.DryRun || DeleteOptions.Of(body).DryRun };
        JsonMap pod = await registry.FindNewestAsync("", "pods", request.Info.Namespace, name, request.Aborted) ?? throw ApiException.NotFound("", "pods", name);
        if (!GoesFreely(pod))
        {
            await SpendBudgetAsync(request, pod, delete.DryRun);
        }

        await objects.DeleteAsync(writes.Context(request, registry.Get("", "pods"), "DELETE", delete.DryRun), delete, request.Aborted);
        await ObjectResponse.SendAsync(request, 201, Success(201), ResponseFormat.Of(request.Http.Request, Responder.Plain));
    }

    private JsonMap Assign(JsonMap old, JsonMap binding, string node, string name, ApiRequest request, ResourceDefinition pods)
    {
        JsonMap metadata = binding.MapAt("metadata"), spec = old.MapAt("spec");
        JsonMap obj = old.DeepCopy();
        if (metadata.String("uid") is { Length: > 0 } uid && uid != old.MapAt("metadata").String("uid"))
        {
            throw ApiException.Conflict("", "pods/binding", name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {old.MapAt("metadata").String("uid")}");
        }

        if (old.MapAt("metadata").ContainsKey("deletionTimestamp"))
        {
            throw ApiException.Conflict("", "pods/binding", name, $"pod {name} is being deleted, cannot be assigned to a host");
        }

        if (spec.String("nodeName") is { Length: > 0 } assigned)
        {
            throw ApiException.Conflict("", "pods/binding", name, $"pod {name} is already assigned to node \"{assigned}\"");
        }

        if (spec.List("schedulingGates") is { Count: > 0 })
        {
            throw ApiException.Conflict("", "pods/binding", name, $"pod {name} has non-empty .spec.schedulingGates");
        }

        obj.MapAt("spec")["nodeName"] = node;
        foreach (string kind in (string[])["annotations", "labels"])
        {
            foreach (var (key, value) in metadata.Map(kind) ?? [])
            {
                obj.MapAt("metadata").MapAt(kind)[key] = value;
            }
        }

        SetScheduled(obj.MapAt("status"), request.Now);
        Normalizer.Normalize(obj, pods.Schema);
        return obj;
    }

    private static void SetScheduled(JsonMap status, DateTimeOffset now)
    {
        JsonList conditions = status.List("conditions") ?? [];
        JsonMap? condition = conditions.Maps().FirstOrDefault(c => c.String("type") == "PodScheduled");
        if (condition is null)
        {
            condition = new JsonMap { { "type", "PodScheduled" } };
            conditions.Add(condition);
        }

        if (condition.String("status") != "True")
        {
            condition["lastTransitionTime"] = ApiTime.Format(now);
        }

        condition["status"] = "True";
        condition.Remove("reason");
        condition.Remove("message");
        condition.Remove("observedGeneration");
        status["conditions"] = conditions;
    }

    /// <summary>What is done, hasn't begun or isn't ready while its budget is met takes nothing from a budget.</summary>
    private static bool GoesFreely(JsonMap pod) =>
        pod.Map("status")?.String("phase") is "Succeeded" or "Failed" or "Pending" || pod.MapAt("metadata").ContainsKey("deletionTimestamp");

    private async Task SpendBudgetAsync(ApiRequest request, JsonMap pod, bool dryRun)
    {
        JsonMap? labels = pod.MapAt("metadata").Map("labels");
        string ns = request.Info.Namespace, name = request.Info.Name;
        List<JsonMap> budgets = [.. (await registry.ListNewestAsync("policy", "poddisruptionbudgets", ns, request.Aborted))
            .Where(b => b.Map("spec")?.Map("selector") is { } selector && LabelSelector.FromObject(selector)!.Matches(labels))];
        if (budgets.Count == 0)
        {
            return;
        }

        if (budgets.Count > 1)
        {
            throw new ApiException(500, "InternalError", "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
        }

        string budget = budgets[0].MapAt("metadata").String("name")!;
        bool unready = pod.Map("status")?.List("conditions")?.Maps().Any(c => c.String("type") == "Ready" && c.String("status") == "True") != true;
        ResourceDefinition definition = registry.Get("policy", "poddisruptionbudgets");
        await objects.UpdateAsync(
            writes.Context(request, definition, "UPDATE", dryRun) with { Name = budget, Subresource = "status" },
            old =>
            {
                JsonMap obj = old!.DeepCopy(), status = obj.MapAt("status");
                long allowed = status.Integer("disruptionsAllowed") ?? 0;
                if (status.Integer("observedGeneration") is null || status.Integer("observedGeneration") < obj.MapAt("metadata").Integer("generation"))
                {
                    throw Refusal($"The disruption budget {budget} is still being processed by the server.", 10);
                }

                bool policy = obj.Map("spec")?.String("unhealthyPodEvictionPolicy") == "AlwaysAllow";
                bool met = (status.Integer("currentHealthy") ?? 0) >= (status.Integer("desiredHealthy") ?? 0) && status.Integer("desiredHealthy") > 0;
                if (unready && (policy || met))
                {
                    return obj;
                }

                if (allowed <= 0)
                {
                    throw Refusal(string.Create(CultureInfo.InvariantCulture,
                        $"The disruption budget {budget} needs {status.Integer("desiredHealthy") ?? 0} healthy pods and has {status.Integer("currentHealthy") ?? 0} currently"), 0);
                }

                status["disruptionsAllowed"] = allowed - 1;
                status.MapAt("disruptedPods")[name] = ApiTime.Format(request.Now);
                Normalizer.Normalize(obj, definition.Schema);
                return obj;
            },
            mayCreate: false,
            request.Aborted);
    }

    private static ApiException Refusal(string message, int retry)
    {
        return new ApiException(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.", new("", "", "")
        {
            Causes = [new("DisruptionBudget", message, "")],
            RetryAfterSeconds = retry,
        });
    }

    private static JsonMap Success(int code) => new()
    {
        { "kind", "Status" },
        { "apiVersion", "v1" },
        { "metadata", new JsonMap() },
        { "status", "Success" },
        { "code", (long)code },
    };
}
