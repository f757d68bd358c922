using System.Text.Json.Nodes;

namespace KubeLite.ControllerRuntime.Tests.ApiFake;

/// <summary>One change in the fake's history; the nodes are never changed after.</summary>
internal sealed record FakeEvent(long Revision, string Type, FakeResource Resource, JsonObject Object, JsonObject? Old);
