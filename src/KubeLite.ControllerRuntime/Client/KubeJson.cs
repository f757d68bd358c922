using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace KubeLite.ControllerRuntime.Client;

/// <summary>
/// JSON as Kubernetes writes it: nulls left out, times in RFC 3339 with whole seconds, MicroTime fields with six
/// fractional digits (apimachinery <c>metav1.Time</c> and <c>metav1.MicroTime</c>). Thread-safe.
/// </summary>
/// <remarks>
/// It knows the types that the servers use (<see cref="KubeJsonContext"/>). Others need a resolver of their own
/// (<see cref="With"/>), or a program in which System.Text.Json may use reflection, as any does that is not published trimmed
/// or native and doesn't set <c>JsonSerializerIsReflectionEnabledByDefault</c> to false. Without either, every method throws
/// <see cref="NotSupportedException"/> for them.
/// </remarks>
public static class KubeJson
{
    private static readonly FrozenSet<string> s_microTimes = new[]
    {
        "V1LeaseSpec.acquireTime", "V1LeaseSpec.renewTime",
        "Corev1Event.eventTime", "Corev1EventSeries.lastObservedTime",
        "Eventsv1Event.eventTime", "Eventsv1EventSeries.lastObservedTime",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The options that requests and answers are written and read with.</summary>
    public static JsonSerializerOptions Options { get; } = Create(null);

    /// <summary>As <see cref="Options"/>, for types that those don't know, too.</summary>
    /// <param name="types">Asked for what isn't among the servers' types, such as a <see cref="JsonSerializerContext"/> with
    /// a custom resource, its <see cref="ResourceList{T}"/> and what it is patched with.</param>
    public static JsonSerializerOptions With(IJsonTypeInfoResolver types) => Create(types);

    /// <summary>The UTF-8 JSON of <paramref name="value"/>.</summary>
    public static byte[] Serialize<T>(T value) => Serialize(value, Options);

    /// <summary>The JSON of <paramref name="value"/> as a tree, to be put into a larger one.</summary>
    public static JsonNode? ToNode<T>(T value) => JsonSerializer.SerializeToNode(value, Type<T>(Options));

    /// <summary>The JSON of <paramref name="value"/> as a document that is only read.</summary>
    public static JsonElement ToElement<T>(T value) => JsonSerializer.SerializeToElement(value, Type<T>(Options));

    /// <summary>Reads one value.</summary>
    /// <exception cref="JsonException">The bytes aren't JSON of <typeparamref name="T"/>, or are <c>null</c>.</exception>
    public static T Deserialize<T>(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, Type<T>(Options)) ?? throw new JsonException("The document is null.");

    /// <summary>Reads one value of a document that is parsed already.</summary>
    /// <exception cref="JsonException">The element isn't JSON of <typeparamref name="T"/>, or is <c>null</c>.</exception>
    public static T Deserialize<T>(JsonElement json) =>
        json.Deserialize(Type<T>(Options)) ?? throw new JsonException("The element is null.");

    /// <summary>A copy of <paramref name="value"/> that shares nothing with it.</summary>
    public static T Clone<T>(T value) => Deserialize<T>(Serialize(value));

    internal static byte[] Serialize<T>(T value, JsonSerializerOptions options) =>
        JsonSerializer.SerializeToUtf8Bytes(value, Type<T>(options));

    internal static JsonTypeInfo<T> Type<T>(JsonSerializerOptions options) =>
        options.TryGetTypeInfo(typeof(T), out var type)
            ? (JsonTypeInfo<T>)type
            : throw new NotSupportedException(
                $"This program can't write or read {typeof(T)} as JSON: add it to {nameof(KubeJsonContext)}, or give "
                + $"{nameof(ApiClientOptions)}.{nameof(ApiClientOptions.JsonTypes)} a resolver that knows it.");

    private static JsonSerializerOptions Create(IJsonTypeInfoResolver? types)
    {
        var options = new JsonSerializerOptions
        {
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            TypeInfoResolver = JsonTypeInfoResolver.Combine(KubeJsonContext.Default, types, Reflection())
                .WithAddedModifier(UseMicroTimes),
        };
        options.Converters.Add(new TimeConverter("yyyy-MM-dd'T'HH:mm:ss'Z'"));
        options.MakeReadOnly();
        return options;
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "A trimmed program has the switch off.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "A native program has the switch off.")]
    private static DefaultJsonTypeInfoResolver? Reflection() =>
        JsonSerializer.IsReflectionEnabledByDefault ? new DefaultJsonTypeInfoResolver() : null;

    private static void UseMicroTimes(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object)
        {
            return;
        }
        foreach (var property in type.Properties)
        {
            if (property.PropertyType == typeof(DateTime?) && s_microTimes.Contains(type.Type.Name + "." + property.Name))
            {
                property.CustomConverter = new NullableTimeConverter("yyyy-MM-dd'T'HH:mm:ss'.'ffffff'Z'");
            }
        }
    }

    private sealed class TimeConverter(string format) : JsonConverter<DateTime>
    {
        public override DateTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var text = reader.GetString() ?? throw new JsonException("A time can't be null here.");
            return DateTime.TryParse(text, CultureInfo.InvariantCulture,
                DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var time)
                ? time
                : throw new JsonException($"'{text}' is not an RFC 3339 time.");
        }

        public override void Write(Utf8JsonWriter writer, DateTime value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToUniversalTime().ToString(format, CultureInfo.InvariantCulture));
    }

    private sealed class NullableTimeConverter(string format) : JsonConverter<DateTime?>
    {
        private readonly TimeConverter _inner = new(format);

        public override DateTime? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? null : _inner.Read(ref reader, typeof(DateTime), options);

        public override void Write(Utf8JsonWriter writer, DateTime? value, JsonSerializerOptions options)
        {
            if (value is { } time)
            {
                _inner.Write(writer, time, options);
            }
            else
            {
                writer.WriteNullValue();
            }
        }
    }
}
