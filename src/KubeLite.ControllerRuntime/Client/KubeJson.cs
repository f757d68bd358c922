using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using k8s;

namespace KubeLite.ControllerRuntime.Client;

/// <summary>
/// JSON as Kubernetes writes it: nulls left out, times in RFC 3339 with whole seconds, MicroTime fields with six
/// fractional digits (apimachinery <c>metav1.Time</c> and <c>metav1.MicroTime</c>). Thread-safe.
/// </summary>
public static class KubeJson
{
    private static readonly FrozenSet<string> s_microTimes = new[]
    {
        "V1LeaseSpec.acquireTime", "V1LeaseSpec.renewTime",
        "Corev1Event.eventTime", "Corev1EventSeries.lastObservedTime",
        "Eventsv1Event.eventTime", "Eventsv1EventSeries.lastObservedTime",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The options that every request and answer of this client is written and read with.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    /// <summary>The UTF-8 JSON of <paramref name="value"/>.</summary>
    public static byte[] Serialize<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Options);

    /// <summary>Reads one value.</summary>
    /// <exception cref="JsonException">The bytes aren't JSON of <typeparamref name="T"/>, or are <c>null</c>.</exception>
    public static T Deserialize<T>(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize<T>(json, Options) ?? throw new JsonException("The document is null.");

    /// <summary>A copy of <paramref name="value"/> that shares nothing with it.</summary>
    public static T Clone<T>(T value) => Deserialize<T>(Serialize(value));

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions
        {
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            TypeInfoResolver = JsonTypeInfoResolver.Combine(SourceGenerationContext.Default, new DefaultJsonTypeInfoResolver())
                .WithAddedModifier(UseMicroTimes),
        };
        options.Converters.Add(new TimeConverter("yyyy-MM-dd'T'HH:mm:ss'Z'"));
        options.MakeReadOnly();
        return options;
    }

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
