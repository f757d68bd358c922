using k8s.Models;

namespace KubeLite.Scheduler.Framework;

/// <summary>Turns quantities into whole numbers, rounding up, as <c>resource.Quantity</c> does.</summary>
internal static class Quantities
{
    /// <summary>The quantity rounded up to a whole number; <see cref="long.MaxValue"/> where it is larger.</summary>
    public static long Value(ResourceQuantity quantity) => Ceiling(quantity, 1);

    /// <summary>A thousand times the quantity, rounded up.</summary>
    public static long MilliValue(ResourceQuantity quantity) => Ceiling(quantity, 1000);

    private static long Ceiling(ResourceQuantity quantity, int factor)
    {
        try
        {
            return (long)Math.Ceiling(quantity.ToDecimal() * factor);
        }
        catch (OverflowException)
        {
            return long.MaxValue;
        }
    }
}
