namespace KubeLite.ApiServer.Authentication;

/// <summary>Credentials that were recognized and are no good.</summary>
public sealed class AuthenticationException(string message) : Exception(message);
