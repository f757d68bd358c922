using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Authorization;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Requests;
using Microsoft.AspNetCore.Http;

namespace KubeLite.ApiServer.Authentication;

/// <summary>
/// Acting as someone else: the Impersonate-* headers, for those who may. Constrained impersonation (KEP-5284, on in v1.36)
/// asks first whether the sender may do this very thing as such a user and may be that user so; where none of its modes
/// says yes, the old way asks whether they may impersonate at all. Of several refusals the first is told.
/// </summary>
public sealed class Impersonation(Authorizer authorizer)
{
    private const string ExtraPrefix = "Impersonate-Extra-";
    private const string Authentication = "authentication.k8s.io";
    private const string NodePrefix = "system:node:";
    private const string NodesGroup = "system:nodes";
    private const string NodeName = "authentication.kubernetes.io/node-name";
    private const string AssociatedNode = "associated-node";
    private const string AssociatedNodeKeys = "authentication.kubernetes.io/associated-node-keys";

    // From so many on, the right to all of them is asked for first.
    private const int Many = 4;

    /// <summary>The user as whom a request acts: its sender where there are no such headers.</summary>
    /// <exception cref="ApiException">403: the sender may not; 400: headers stand without a user.</exception>
    public UserInfo Apply(ApiRequest request)
    {
        UserInfo wanted = Wanted(request.Http.Request.Headers);
        if (wanted.Name.Length == 0)
        {
            return wanted.Uid.Length == 0 && wanted.Groups.Count == 0 && wanted.Extra.Count == 0
                ? request.User
                : throw ApiException.BadRequest($"requested {GoSource(wanted)} without impersonating a user name");
        }

        ApiException? first = null;
        AuthorizationAttributes does = AuthorizationAttributes.Of(request);
        foreach (string mode in Modes(wanted, request.User))
        {
            try
            {
                UserInfo sender = mode == AssociatedNode ? WithKeysOnly(request.User) : request.User;
                if (mode.Length > 0)
                {
                    authorizer.Require(does with { User = sender, Verb = $"impersonate-on:{mode}:{does.Verb}" });
                }

                return As(wanted, sender, mode);
            }
            catch (ApiException e)
            {
                first ??= e;
            }
        }

        throw first!;
    }

    private static UserInfo Wanted(IHeaderDictionary headers)
    {
        Dictionary<string, IReadOnlyList<string>>? extra = null;
        foreach (var (key, values) in headers)
        {
            if (key.StartsWith(ExtraPrefix, StringComparison.OrdinalIgnoreCase))
            {
                (extra ??= [])[Uri.UnescapeDataString(key[ExtraPrefix.Length..].ToLowerInvariant())] = [.. values.OfType<string>()];
            }
        }

        return new UserInfo(
            headers["Impersonate-User"].FirstOrDefault() ?? "", headers["Impersonate-Uid"].FirstOrDefault() ?? "",
            [.. headers["Impersonate-Group"].OfType<string>()],
            extra ?? []);
    }

    /// <summary>The modes that are open to a sender, in the order in which they are tried; empty is the old way.</summary>
    private static IEnumerable<string> Modes(UserInfo wanted, UserInfo sender)
    {
        bool nameOnly = wanted.Uid.Length == 0 && wanted.Groups.Count == 0 && wanted.Extra.Count == 0;
        bool node = NodeOf(wanted.Name) is not null, account = AccountOf(wanted.Name) is not null;
        if (nameOnly && node)
        {
            if (AccountOf(sender.Name) is not null && sender.Extra.TryGetValue(NodeName, out IReadOnlyList<string>? nodes)
                && nodes is [var own] && own == NodeOf(wanted.Name))
            {
                yield return AssociatedNode;
            }

            yield return "arbitrary-node";
        }

        if (nameOnly && account)
        {
            yield return "serviceaccount";
        }

        if (!node && !account)
        {
            yield return "user-info";
        }

        yield return "";
    }

    /// <summary>The user, if the sender may be them in a mode.</summary>
    private UserInfo As(UserInfo wanted, UserInfo sender, string mode)
    {
        bool constrained = mode.Length > 0;
        var who = new AuthorizationAttributes(sender, constrained ? "impersonate:" + mode : "impersonate")
        {
            Group = constrained ? Authentication : ""
        };
        IReadOnlyList<string> groups = wanted.Groups;
        AuthorizationAttributes name = who with { Resource = "users", Name = wanted.Name };
        if (constrained && NodeOf(wanted.Name) is { } node)
        {
            name = who with { Resource = "nodes", Name = mode == AssociatedNode ? "*" : node };
            groups = [NodesGroup];
        }
        else if (AccountOf(wanted.Name) is var (ns, account))
        {
            name = who with { Resource = "serviceaccounts", Namespace = ns, Name = account };
            groups = groups.Count > 0 ? groups : ["system:serviceaccounts", $"system:serviceaccounts:{ns}"];
        }

        authorizer.Require(name);
        AuthorizationAttributes about = who with { Group = Authentication };
        if (wanted.Uid.Length > 0)
        {
            authorizer.Require(about with { Resource = "uids", Name = wanted.Uid });
        }

        RequireGroups(who with { Resource = "groups" }, wanted.Groups, constrained);
        RequireExtra(about with { Resource = "userextras" }, wanted.Extra, constrained);
        bool anonymous = wanted.Name == UserInfo.Anonymous.Name;
        string belongs = anonymous ? UserInfo.Unauthenticated : UserInfo.Authenticated;
        bool told = groups.Contains(belongs) || (!anonymous && groups.Contains(UserInfo.Unauthenticated));
        return wanted with { Groups = told ? groups : [.. groups, belongs] };
    }

    private void RequireGroups(AuthorizationAttributes wanted, IReadOnlyList<string> groups, bool constrained)
    {
        if (constrained && groups.Contains(""))
        {
            throw wanted.Refusal("impersonating the empty string group is not allowed");
        }

        if (constrained && groups.Contains(UserInfo.Masters))
        {
            throw (wanted with { Name = UserInfo.Masters }).Refusal("impersonating the system:masters group is not allowed");
        }

        if (constrained && groups.Count >= Many && authorizer.Allows(wanted with { Name = "*" }))
        {
            return;
        }

        foreach (string group in groups)
        {
            authorizer.Require(wanted with { Name = group });
        }
    }

    private void RequireExtra(AuthorizationAttributes wanted, IReadOnlyDictionary<string, IReadOnlyList<string>> extra, bool constrained)
    {
        if (constrained && extra.Select(e => FaultOf(e.Key, e.Value)).FirstOrDefault(f => f is not null) is { } fault)
        {
            throw wanted.Refusal(fault);
        }

        bool many = extra.Count >= Many || extra.Sum(e => e.Value.Count) >= Many;
        if (constrained && many && authorizer.Allows(wanted with { Subresource = "*", Name = "*" }))
        {
            return;
        }

        foreach (var (key, values) in extra)
        {
            foreach (string value in values)
            {
                authorizer.Require(wanted with { Subresource = key, Name = value });
            }
        }
    }

    /// <summary>Why something extra can't be had in a constrained mode; null where it can.</summary>
    private static string? FaultOf(string key, IReadOnlyList<string> values)
    {
        if (key.Length == 0)
        {
            return "impersonating the empty string key in extra is not allowed";
        }

        var errors = new FieldErrors();
        DomainPath.Validate(key, FieldPath.Of("extra", "key"), errors);
        return errors.Count > 0 ? $"impersonating an invalid key in extra is not allowed: {errors}"
            : key.Any(char.IsUpper) ? $"impersonating a non-lowercase key in extra is not allowed: {FieldError.GoQuote(key)}"
            : values.Count == 0 ? "impersonating empty values in extra is not allowed"
            : values.Contains("") ? "impersonating the empty string value in extra is not allowed"
            : null;
    }

    /// <summary>The sender as authorizers see them where it is about the sender's own node: of what is extra, its keys only.</summary>
    private static UserInfo WithKeysOnly(UserInfo sender) => sender with
    {
        Extra = new Dictionary<string, IReadOnlyList<string>>
        {
            [AssociatedNodeKeys] = [.. sender.Extra.Keys.Order(StringComparer.Ordinal)],
        },
    };

    private static string? NodeOf(string user) =>
        user.StartsWith(NodePrefix, StringComparison.Ordinal) && !NameRules.DnsSubdomain(user[NodePrefix.Length..]).Any()
            ? user[NodePrefix.Length..]
            : null;

    private static (string Namespace, string Name)? AccountOf(string user) =>
        user.Split(':') is ["system", "serviceaccount", var ns, var name] && !NameRules.DnsLabel(ns).Any()
            && !NameRules.DnsSubdomain(name).Any()
            ? (ns, name)
            : null;

    /// <summary>A user as Go's <c>%#v</c> prints it.</summary>
    private static string GoSource(UserInfo user)
    {
        string groups = user.Groups.Count == 0 ? "[]string(nil)" : Strings(user.Groups);
        string extra = user.Extra.Count == 0 ? "map[string][]string(nil)"
            : $"map[string][]string{{{string.Join(", ", user.Extra.OrderBy(e => e.Key, StringComparer.Ordinal).Select(Entry))}}}";
        return $"&user.DefaultInfo{{Name:\"\", UID:{FieldError.GoQuote(user.Uid)}, Groups:{groups}, Extra:{extra}}}";

        static string Entry(KeyValuePair<string, IReadOnlyList<string>> extra) =>
            $"{FieldError.GoQuote(extra.Key)}:{Strings(extra.Value)}";

        static string Strings(IEnumerable<string> values) => $"[]string{{{string.Join(", ", values.Select(FieldError.GoQuote))}}}";
    }
}
