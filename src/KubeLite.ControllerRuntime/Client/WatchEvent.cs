namespace KubeLite.ControllerRuntime.Client;

/// <summary>One line of a watch.</summary>
/// <param name="Type"><c>ADDED</c>, <c>MODIFIED</c>, <c>DELETED</c> or <c>BOOKMARK</c>; errors are thrown instead.</param>
/// <param name="Object">The object; of a bookmark only <c>metadata</c> is meaningful.</param>
public readonly record struct WatchEvent<T>(string Type, T Object);
