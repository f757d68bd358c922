using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Authentication;
using KubeLite.Hosting;

namespace KubeLite.ApiServer.Authorization;

/// <summary>Decides by the modes that are set: whoever of them allows a thing allows it; nobody else does.</summary>
public sealed class Authorizer
{
    private readonly List<Func<AuthorizationAttributes, bool>> _modes = [];

    /// <summary>Makes one of the options' modes.</summary>
    /// <exception cref="StartupException">A mode is unknown.</exception>
    public Authorizer(ApiServerOptions options, RbacAuthorizer rbac, NodeAuthorizer nodes)
    {
        Rbac = rbac;
        foreach (string mode in options.AuthorizationModes)
        {
            _modes.Add(mode switch
            {
                "RBAC" => rbac.Allows,
                "Node" => nodes.Allows,
                "AlwaysAllow" => _ => true,
                "AlwaysDeny" => _ => false,
                _ => throw new StartupException($"--authorization-mode: {mode} is not one of Node, RBAC, AlwaysAllow, AlwaysDeny"),
            });
        }
    }

    /// <summary>The roles and bindings.</summary>
    public RbacAuthorizer Rbac { get; }

    /// <summary>Whether it is allowed, and why where RBAC says so.</summary>
    public (bool Allowed, string Reason) Explain(AuthorizationAttributes wanted) =>
        wanted.User.In(UserInfo.Masters) || !Allows(wanted) ? (Allows(wanted), "") : (true, Rbac.Explain(wanted) ?? "");

    /// <summary>True where it is allowed.</summary>
    public bool Allows(AuthorizationAttributes wanted)
    {
        if (wanted.User.In(UserInfo.Masters))
        {
            return true;
        }

        foreach (Func<AuthorizationAttributes, bool> mode in _modes)
        {
            if (mode(wanted))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Throws where it isn't allowed.</summary>
    /// <exception cref="ApiException">403.</exception>
    public void Require(AuthorizationAttributes wanted)
    {
        if (!Allows(wanted))
        {
            throw wanted.Refusal();
        }
    }
}
