namespace KubeLite.ControllerRuntime.Tests.ApiFake;

/// <summary>A resource the fake serves.</summary>
public sealed record FakeResource(string Group, string Version, string Plural, string Kind, bool Namespaced);
