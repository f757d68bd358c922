using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Authentication;
using KubeLite.ApiServer.Endpoints;

namespace KubeLite.ApiServer.Registry.Generic;

/// <summary>Writes objects in the server's own name, on the same way as everyone's.</summary>
public sealed class SystemWriter(ResourceRegistry registry, ObjectCodec codec, ObjectStore objects, WriteEndpoint writes, TimeProvider time)
{
    private const string Manager = "kube-apiserver";

    /// <summary>Creates an object where none of that name exists.</summary>
    /// <returns>True where it was created.</returns>
    public async Task<bool> EnsureAsync(string group, string resource, JsonMap value, CancellationToken cancellationToken)
    {
        ResourceDefinition definition = registry.Get(group, resource);
        JsonMap metadata = value.MapAt("metadata");
        string ns = metadata.String("namespace") ?? "", name = metadata.String("name")!;
        if (await registry.FindAsync(group, resource, ns, name, cancellationToken) is not null)
        {
            return false;
        }

        JsonMap obj = Decode(value, definition);
        writes.Fields(definition, "").Update(definition.Empty, obj, Manager, ApiTime.Format(time.GetUtcNow()));
        try
        {
            await objects.CreateAsync(Context(definition, "CREATE", ns, name), obj, cancellationToken);
            return true;
        }
        catch (ApiException e) when (e.Code is 409 or 422)
        {
            // Where another server was faster, what it has taken already (a fixed address) may be refused before the name is.
            if (e.Code == 409 || await registry.FindAsync(group, resource, ns, name, cancellationToken) is not null)
            {
                return false;
            }

            throw;
        }
    }

    /// <summary>Changes an object; nothing happens where it is gone.</summary>
    public async Task UpdateAsync(
        string group, string resource, string ns, string name, string subresource, Action<JsonMap> change,
        CancellationToken cancellationToken)
    {
        ResourceDefinition definition = registry.Get(group, resource);
        try
        {
            await objects.UpdateAsync(
                Context(definition, "UPDATE", ns, name) with { Subresource = subresource },
                old =>
                {
                    JsonMap obj = old!.DeepCopy();
                    change(obj);
                    codec.Default(obj, definition);
                    writes.Fields(definition, subresource).Update(old, obj, Manager, ApiTime.Format(time.GetUtcNow()));
                    return obj;
                },
                mayCreate: false,
                cancellationToken);
        }
        catch (ApiException e) when (e.Code == 404)
        {
            // It went away meanwhile, and so did the reason to change it.
        }
    }

    /// <summary>Applies fields to an object in a manager's name, taking them from others; nothing happens where it is gone.</summary>
    /// <param name="group">The resource's group.</param>
    /// <param name="resource">The resource's name.</param>
    /// <param name="ns">The object's namespace; empty for none.</param>
    /// <param name="name">The object's name.</param>
    /// <param name="subresource">The subresource that is written; empty for the object itself.</param>
    /// <param name="config">The fields, without kind and name.</param>
    /// <param name="manager">Who owns them from then on.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task ApplyAsync(
        string group, string resource, string ns, string name, string subresource, JsonMap config, string manager,
        CancellationToken cancellationToken)
    {
        ResourceDefinition definition = registry.Get(group, resource);
        JsonMap whole = config.DeepCopy();
        whole["kind"] = definition.Kind.Kind;
        whole["apiVersion"] = definition.Kind.ApiVersion;
        whole.MapAt("metadata")["name"] = name;
        try
        {
            await objects.UpdateAsync(
                Context(definition, "UPDATE", ns, name) with { Subresource = subresource },
                old =>
                {
                    (JsonMap merged, _) = writes.Fields(definition, subresource)
                        .Apply(old!, whole, manager, force: true, ApiTime.Format(time.GetUtcNow()));
                    codec.Decode(merged, definition, []);
                    return merged;
                },
                mayCreate: false,
                cancellationToken);
        }
        catch (ApiException e) when (e.Code == 404)
        {
            // It went away meanwhile.
        }
    }

    /// <summary>Deletes an object at once; nothing happens where it is gone.</summary>
    public async Task DeleteAsync(string group, string resource, string ns, string name, CancellationToken cancellationToken)
    {
        ResourceDefinition definition = registry.Get(group, resource);
        try
        {
            await objects.DeleteAsync(Context(definition, "DELETE", ns, name), DeleteOptions.None, cancellationToken);
        }
        catch (ApiException e) when (e.Code == 404)
        {
            // Gone is what was wanted.
        }
    }

    private JsonMap Decode(JsonMap value, ResourceDefinition definition)
    {
        JsonMap obj = value.DeepCopy();
        obj["kind"] = definition.Kind.Kind;
        obj["apiVersion"] = definition.Kind.ApiVersion;
        codec.Decode(obj, definition, []);
        return obj;
    }

    private WriteContext Context(ResourceDefinition definition, string operation, string ns, string name) => new()
    {
        Resource = definition,
        Registry = registry,
        Operation = operation,
        Namespace = ns,
        Name = name,
        User = UserInfo.ApiServer,
        Now = time.GetUtcNow(),
    };
}
