using k8s.Models;

namespace KubeLite.ControllerRuntime.Objects;

/// <summary>Whole numbers out of the models' quantities, rounded up as Kubernetes does. Parse once and keep the result.</summary>
public static class Quantities
{
    /// <summary>The value in whole units (bytes, counts), rounded up; <see cref="long.MaxValue"/> where it doesn't fit.</summary>
    public static long Value(ResourceQuantity? quantity) => quantity is null ? 0 : Ceiling(quantity, 1);

    /// <summary>The value in thousandths (millicores), rounded up; <see cref="long.MaxValue"/> where it doesn't fit.</summary>
    public static long MilliValue(ResourceQuantity? quantity) => quantity is null ? 0 : Ceiling(quantity, 1000);

    private static long Ceiling(ResourceQuantity quantity, int scale)
    {
        try
        {
            var value = decimal.Ceiling(quantity.ToDecimal() * scale);
            return value >= long.MaxValue ? long.MaxValue : (long)value;
        }
        catch (OverflowException)
        {
            return long.MaxValue;
        }
    }
}
