namespace KubeLite.ApiMachinery.Quantities;

/// <summary>The notation in which a quantity is written.</summary>
public enum QuantityFormat
{
    /// <summary>Powers of ten by suffix: 100m, 1k, 1M.</summary>
    DecimalSI,

    /// <summary>Powers of 1024 by suffix: 1Ki, 1Mi.</summary>
    BinarySI,

    /// <summary>Powers of ten by exponent: 1e3.</summary>
    DecimalExponent,
}
