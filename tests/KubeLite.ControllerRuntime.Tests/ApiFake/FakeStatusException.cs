namespace KubeLite.ControllerRuntime.Tests.ApiFake;

internal sealed class FakeStatusException(int code, string reason, string message) : Exception(message)
{
    internal int Code => code;

    internal string Reason => reason;
}
