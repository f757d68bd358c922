using System.Buffers;
using System.Text.Json;

namespace KubeLite.ControllerRuntime.Client;

/// <summary>Reads one object of a list or watch.</summary>
/// <param name="reader">At the object's first token; left at its last.</param>
/// <param name="json">What <paramref name="reader"/> reads, for what is to be copied as it stands. Only good during the call.</param>
/// <exception cref="JsonException">It isn't what was asked for.</exception>
internal delegate T ObjectReader<out T>(ref Utf8JsonReader reader, in ReadOnlySequence<byte> json);
