namespace KubeLite.ApiServer.Authentication;

/// <summary>Who sends a request.</summary>
/// <param name="Name">The user's name.</param>
/// <param name="Uid">The user's uid; empty for none.</param>
/// <param name="Groups">The user's groups.</param>
/// <param name="Extra">What else the authenticator says.</param>
public sealed record UserInfo(
    string Name, string Uid, IReadOnlyList<string> Groups, IReadOnlyDictionary<string, IReadOnlyList<string>> Extra)
{
    /// <summary>The group of administrators that no authorizer holds back.</summary>
    public const string Masters = "system:masters";

    /// <summary>The group of everyone who was authenticated.</summary>
    public const string Authenticated = "system:authenticated";

    /// <summary>The group of those who weren't.</summary>
    public const string Unauthenticated = "system:unauthenticated";

    /// <summary>No extra.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> NoExtra { get; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Nobody in particular.</summary>
    public static readonly UserInfo Anonymous = new("system:anonymous", "", [Unauthenticated], NoExtra);

    /// <summary>The server itself.</summary>
    public static readonly UserInfo ApiServer = new("system:apiserver", "", [Masters, Authenticated], NoExtra);

    /// <summary>True where the user is in the group.</summary>
    public bool In(string group) => Groups.Contains(group);

    /// <summary>The user with the group of all authenticated users.</summary>
    public UserInfo AsAuthenticated() => In(Authenticated) ? this : this with { Groups = [.. Groups, Authenticated] };
}
