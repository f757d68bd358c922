namespace KubeLite.ApiMachinery.Facts;

/// <summary>What a value of the API is, as far as decoding, encoding and merging differ.</summary>
public enum ValueKind
{
    /// <summary>Text.</summary>
    String,

    /// <summary>A signed 32-bit integer.</summary>
    Int32,

    /// <summary>A signed 64-bit integer.</summary>
    Int64,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A 64-bit floating point number.</summary>
    Double,

    /// <summary>Bytes, base64 in JSON.</summary>
    Bytes,

    /// <summary>A structure with known fields.</summary>
    Object,

    /// <summary>A list of one kind of item.</summary>
    List,

    /// <summary>A map from strings to one kind of value.</summary>
    Map,

    /// <summary>A resource quantity (<c>resource.Quantity</c>).</summary>
    Quantity,

    /// <summary>An integer or a string (<c>intstr.IntOrString</c>).</summary>
    IntOrString,

    /// <summary>A point in time, in whole seconds (<c>metav1.Time</c>).</summary>
    Time,

    /// <summary>A point in time, in microseconds (<c>metav1.MicroTime</c>).</summary>
    MicroTime,

    /// <summary>A duration as Go writes it (<c>metav1.Duration</c>).</summary>
    Duration,

    /// <summary>Any object, kept as it was sent (<c>runtime.RawExtension</c>).</summary>
    RawExtension,

    /// <summary>The set of fields that a manager owns (<c>metav1.FieldsV1</c>).</summary>
    FieldsV1,

    /// <summary>Any JSON value (<c>apiextensions.JSON</c> and the unions with it).</summary>
    Any,
}
