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
    private const int MaxDisruptedPods = 2000;

    /// <summary>POST of pods/NAME/binding and of bindings.</summary>
    public async Task BindAsync(ApiRequest request, ResourceDefinition definition)
    {
        WriteOptions options = WriteOptions.Of(request, "CreateOptions");
        JsonMap binding = RequestBody.Parse(request, await RequestBody.ReadAsync(request), "Binding", []);
        JsonMap metadata = binding.MapAt("metadata");
        JsonMap? target = binding.Map("target");
        string name = metadata.String("name") ?? "";
        if (request.Info.Name.Length > 0 && request.Info.Name != name)
        {
            throw ApiException.BadRequest("name in URL does not match name in Binding object");
        }

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
        JsonMap pod = await registry.FindNewestAsync("", "pods", request.Info.Namespace, name, request.Aborted)
            ?? throw ApiException.NotFound("", "pods", name);
        string? budget = GoesFreely(pod) ? null : await SpendBudgetAsync(request, pod, delete.DryRun);
        // An unready Pod went past its budget: it must not have become ready meanwhile.
        bool guarded = budget is not null && delete.ResourceVersion is null;
        DeleteOptions guard = guarded ? delete with { ResourceVersion = pod.MapAt("metadata").String("resourceVersion") } : delete;
        try
        {
            if (!delete.DryRun)
            {
                guard = await MarkAsync(request, guard);
            }

            await objects.DeleteAsync(writes.Context(request, registry.Get("", "pods"), "DELETE", delete.DryRun), guard, request.Aborted);
        }
        catch (ApiException e) when (e.Code == 409 && guarded)
        {
            throw Refusal($"The disruption budget {budget} is still being processed by the server.", 10);
        }

        await ObjectResponse.SendAsync(request, 201, Success(201), ResponseFormat.Of(request.Http.Request, Responder.Plain));
    }

    /// <summary>Says in the Pod why it goes, for those who wait for it.</summary>
    /// <returns>The options by which it is to be deleted then.</returns>
    private async Task<DeleteOptions> MarkAsync(ApiRequest request, DeleteOptions delete)
    {
        ResourceDefinition pods = registry.Get("", "pods");
        (WrittenObject marked, _) = await objects.UpdateAsync(
            writes.Context(request, pods, "UPDATE", false) with { Subresource = "status" },
            old =>
            {
                JsonMap obj = old!.DeepCopy(), metadata = obj.MapAt("metadata");
                Require("UID", delete.Uid, metadata.String("uid"), "The object might have been deleted and then recreated");
                Require(
                    "ResourceVersion", delete.ResourceVersion, metadata.String("resourceVersion"), "The object might have been modified");
                SetCondition(obj.MapAt("status"), "DisruptionTarget", "EvictionByEvictionAPI", "Eviction API: evicting", request.Now);
                Normalizer.Normalize(obj, pods.Schema);
                return obj;
            },
            mayCreate: false,
            request.Aborted);
        return delete.ResourceVersion is null
            ? delete
            : delete with { ResourceVersion = marked.Document.MapAt("metadata").String("resourceVersion") };

        void Require(string what, string? wanted, string? found, string why)
        {
            if (wanted is { Length: > 0 } && wanted != found)
            {
                throw ApiException.Conflict(
                    "", "Pod", request.Info.Name,
                    $"the {what} in the precondition ({wanted}) does not match the {what} in record ({found}). {why}");
            }
        }
    }

    private JsonMap Assign(JsonMap old, JsonMap binding, string node, string name, ApiRequest request, ResourceDefinition pods)
    {
        JsonMap metadata = binding.MapAt("metadata"), spec = old.MapAt("spec");
        JsonMap obj = old.DeepCopy();
        if (metadata.String("uid") is { Length: > 0 } uid && uid != old.MapAt("metadata").String("uid"))
        {
            throw ApiException.Conflict(
                "", "pods/binding", name,
                $"Precondition failed: UID in precondition: {uid}, UID in object meta: {old.MapAt("metadata").String("uid")}");
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

        if (metadata.String("resourceVersion") is { Length: > 0 } revision && revision != old.MapAt("metadata").String("resourceVersion"))
        {
            throw ApiException.Conflict(
                "", "pods/binding", name,
                $"Precondition failed: ResourceVersion in precondition: {revision}, " +
                    $"ResourceVersion in object meta: {old.MapAt("metadata").String("resourceVersion")}");
        }

        obj.MapAt("spec")["nodeName"] = node;
        // Where it was to go says nothing any more.
        obj.MapAt("status").Remove("nominatedNodeName");
        foreach (string kind in (string[])["annotations", "labels"])
        {
            foreach (var (key, value) in metadata.Map(kind) ?? [])
            {
                obj.MapAt("metadata").MapAt(kind)[key] = value;
            }
        }

        SetCondition(obj.MapAt("status"), "PodScheduled", null, null, request.Now);
        Normalizer.Normalize(obj, pods.Schema);
        return obj;
    }

    private static void SetCondition(JsonMap status, string type, string? reason, string? message, DateTimeOffset now)
    {
        JsonList conditions = status.List("conditions") ?? [];
        JsonMap? condition = conditions.Maps().FirstOrDefault(c => c.String("type") == type);
        if (condition is null)
        {
            condition = new JsonMap { { "type", type } };
            conditions.Add(condition);
        }

        if (condition.String("status") != "True")
        {
            condition["lastTransitionTime"] = ApiTime.Format(now);
        }

        condition["status"] = "True";
        condition["reason"] = reason;
        condition["message"] = message;
        condition.Remove("observedGeneration");
        status["conditions"] = conditions;
    }

    /// <summary>What is done, hasn't begun or isn't ready while its budget is met takes nothing from a budget.</summary>
    private static bool GoesFreely(JsonMap pod) =>
        pod.Map("status")?.String("phase") is "Succeeded" or "Failed" or "Pending"
            || pod.MapAt("metadata").ContainsKey("deletionTimestamp");

    /// <summary>Takes a Pod from its budget.</summary>
    /// <returns>The budget that an unready Pod took nothing from; null where something was taken or none is there.</returns>
    private async Task<string?> SpendBudgetAsync(ApiRequest request, JsonMap pod, bool dryRun)
    {
        JsonMap? labels = pod.MapAt("metadata").Map("labels");
        string ns = request.Info.Namespace, name = request.Info.Name;
        List<JsonMap> budgets = [.. (await registry.ListNewestAsync("policy", "poddisruptionbudgets", ns, request.Aborted))
            .Where(b => b.Map("spec")?.Map("selector") is { } selector && LabelSelector.FromObject(selector)!.Matches(labels))];
        if (budgets.Count == 0)
        {
            return null;
        }

        if (budgets.Count > 1)
        {
            throw new ApiException(
                500, "InternalError", "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
        }

        string budget = budgets[0].MapAt("metadata").String("name")!;
        bool unready = pod.Map("status")?.List("conditions")?.Maps()
            .Any(c => c.String("type") == "Ready" && c.String("status") == "True") != true;
        JsonMap? now = budgets[0].Map("status");
        bool isMet = (now?.Integer("currentHealthy") ?? 0) >= (now?.Integer("desiredHealthy") ?? 0) && now?.Integer("desiredHealthy") > 0;
        if (unready && (isMet || budgets[0].Map("spec")?.String("unhealthyPodEvictionPolicy") == "AlwaysAllow"))
        {
            return budget;
        }

        ResourceDefinition definition = registry.Get("policy", "poddisruptionbudgets");
        await objects.UpdateAsync(
            writes.Context(request, definition, "UPDATE", dryRun) with { Name = budget, Subresource = "status" },
            old =>
            {
                JsonMap obj = old!.DeepCopy(), status = obj.MapAt("status");
                long allowed = status.Integer("disruptionsAllowed") ?? 0;
                if (status.Integer("observedGeneration") is null
                    || status.Integer("observedGeneration") < obj.MapAt("metadata").Integer("generation"))
                {
                    throw Refusal($"The disruption budget {budget} is still being processed by the server.", 10);
                }

                if (allowed < 0)
                {
                    throw ApiException.Forbidden("policy", "poddisruptionbudget", budget, "pdb disruptions allowed is negative");
                }

                if (status.Map("disruptedPods")?.Count > MaxDisruptedPods)
                {
                    throw ApiException.Forbidden(
                        "policy", "poddisruptionbudget", budget,
                        "DisruptedPods map too big - too many evictions not confirmed by PDB controller");
                }

                if (allowed == 0)
                {
                    throw Refusal($"The disruption budget {budget} {Why(status)}", 0);
                }

                status["disruptionsAllowed"] = allowed - 1;
                status.MapAt("disruptedPods")[name] = ApiTime.Format(request.Now);
                Normalizer.Normalize(obj, definition.Schema);
                return obj;
            },
            mayCreate: false,
            request.Aborted);
        return null;
    }

    /// <summary>Why a budget allows nothing now.</summary>
    private static string Why(JsonMap status)
    {
        const string Not = "does not allow evicting pods currently";
        JsonMap? condition = status.List("conditions")?.Maps().FirstOrDefault(c => c.String("type") == "DisruptionAllowed");
        string reason = condition?.String("reason") ?? "", message = condition?.String("status") == "False"
            ? condition.String("message") ?? ""
            : "";
        long healthy = status.Integer("currentHealthy") ?? 0, desired = status.Integer("desiredHealthy") ?? 0;
        return message.Length > 0 && reason == "SyncFailed" ? $"{Not} because it failed sync: {message}"
            : healthy <= desired ? string.Create(CultureInfo.InvariantCulture, $"needs {desired} healthy pods and has {healthy} currently")
            : message.Length > 0 ? $"{Not} ({reason}): {message}"
            : Not;
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
