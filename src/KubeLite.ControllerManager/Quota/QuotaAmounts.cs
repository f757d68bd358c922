using System.Globalization;
using k8s.Models;

namespace KubeLite.ControllerManager.Quota;

/// <summary>Sums of quantities, written as Kubernetes writes them.</summary>
internal sealed class QuotaAmounts
{
    private readonly Dictionary<string, (decimal Value, bool Binary)> _amounts = new(StringComparer.Ordinal);

    internal void Add(string name, decimal value, bool binary = false)
    {
        var (old, oldBinary) = _amounts.GetValueOrDefault(name);
        // The form of the first amount that isn't zero stays.
        _amounts[name] = (old + value, old == 0 ? binary : oldBinary);
    }

    internal void Add(string name, ResourceQuantity quantity) =>
        Add(name, quantity.ToDecimal(), quantity.Format == ResourceQuantity.SuffixFormat.BinarySI);

    internal ResourceQuantity Get(string name)
    {
        var (value, binary) = _amounts.GetValueOrDefault(name);
        return new ResourceQuantity(Format(value, binary));
    }

    internal static string Format(decimal value, bool binary)
    {
        if (value == 0)
        {
            return "0";
        }
        if (decimal.Truncate(value) != value)
        {
            return decimal.Ceiling(value * 1000).ToString(CultureInfo.InvariantCulture) + "m";
        }
        var (step, suffixes) = binary
            ? (1024m, (string[])["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"])
            : (1000m, (string[])["", "k", "M", "G", "T", "P", "E"]);
        var i = 0;
        while (i < suffixes.Length - 1 && value % step == 0)
        {
            value /= step;
            i++;
        }
        return decimal.Truncate(value).ToString(CultureInfo.InvariantCulture) + suffixes[i];
    }
}
