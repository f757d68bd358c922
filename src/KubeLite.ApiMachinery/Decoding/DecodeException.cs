namespace KubeLite.ApiMachinery.Decoding;

/// <summary>A body that isn't of its kind's form; the message is what Kubernetes' decoder says, without a prefix.</summary>
public sealed class DecodeException(string message) : Exception(message);
