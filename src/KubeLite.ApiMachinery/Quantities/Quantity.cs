using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace KubeLite.ApiMachinery.Quantities;

/// <summary>
/// A resource quantity (Kubernetes' <c>resource.Quantity</c>): a number in units of 10^-9, rounded up to that, capped at
/// 2^63-1 whole units, with the notation that it was written in.
/// </summary>
public readonly record struct Quantity(Int128 Nanos, QuantityFormat Format) : IComparable<Quantity>
{
    private const string FormatError =
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

    private const string SuffixError = "unable to parse quantity's suffix";

    private static readonly Int128 s_unit = 1_000_000_000;
    private static readonly Int128 s_max = (Int128)long.MaxValue * 1_000_000_000;

    private static readonly string[] s_decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    private static readonly string[] s_binary = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

    /// <summary>A quantity of whole units.</summary>
    public static Quantity OfUnits(long units, QuantityFormat format = QuantityFormat.DecimalSI) =>
        new((Int128)units * 1_000_000_000, format);

    /// <summary>The quantity in whole units, rounded up.</summary>
    public long Value => (long)CeilingDivide(Nanos, s_unit);

    /// <summary>The quantity in thousandths, rounded up.</summary>
    public long MilliValue => (long)Int128.Min(CeilingDivide(Nanos, 1_000_000), long.MaxValue);

    /// <summary>The quantity in the same notation, rounded away from zero to whole thousandths.</summary>
    public Quantity RoundedToMilli => new(CeilingDivide(Nanos, 1_000_000) * 1_000_000, Format);

    /// <summary>-1, 0 or 1.</summary>
    public int Sign => Int128.Sign(Nanos);

    /// <summary>Reads a quantity.</summary>
    /// <exception cref="FormatException">It is none; the message is Kubernetes'.</exception>
    public static Quantity Parse(string text) =>
        TryParse(text, out Quantity quantity, out string? error) ? quantity : throw new FormatException(error);

    /// <summary>Reads a quantity; says what is wrong as Kubernetes does.</summary>
    public static bool TryParse(string? text, out Quantity quantity, [NotNullWhen(false)] out string? error)
    {
        quantity = default;
        error = FormatError;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        int i = 0;
        bool negative = false;
        if (text[0] is '+' or '-')
        {
            negative = text[0] == '-';
            i++;
        }

        Int128 number = 0;
        int fraction = 0, digits = 0;
        bool point = false, inexact = false, huge = false;
        for (; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '.' && !point)
            {
                point = true;
                continue;
            }

            if (!char.IsAsciiDigit(c))
            {
                break;
            }

            digits++;
            if (number > Int128.MaxValue / 100)
            {
                // Past any value that is kept: digits of the fraction only matter for rounding.
                inexact |= point && c != '0';
                huge |= !point;
                continue;
            }

            number = number * 10 + (c - '0');
            if (point)
            {
                fraction++;
            }
        }

        if (digits == 0)
        {
            return false;
        }

        string suffix = text[i..];
        foreach (char c in suffix)
        {
            if (!"eEinumkKMGTP+-0123456789".Contains(c))
            {
                return false;
            }
        }

        if (!TryScale(suffix, out int ten, out int two, out QuantityFormat format))
        {
            error = SuffixError;
            return false;
        }

        Int128 nanos = huge ? s_max : Scale(number, ten + 9 - fraction, two, inexact);
        if (nanos > s_max)
        {
            nanos = s_max;
        }

        quantity = new(negative ? -nanos : nanos, format);
        error = null;
        return true;
    }

    /// <inheritdoc />
    public int CompareTo(Quantity other) => Nanos.CompareTo(other.Nanos);

    /// <summary>The sum, in this one's notation.</summary>
    public Quantity Add(Quantity other) => new(Nanos + other.Nanos, Nanos == 0 ? other.Format : Format);

    /// <summary>The canonical text: no fraction, the largest suffix that keeps it exact.</summary>
    public override string ToString()
    {
        if (Nanos == 0)
        {
            return "0";
        }

        QuantityFormat format = Format;
        Int128 magnitude = Int128.Abs(Nanos);
        if (format == QuantityFormat.BinarySI)
        {
            if (magnitude < 1024 * s_unit)
            {
                format = QuantityFormat.DecimalSI;
            }
            else
            {
                Int128 units = CeilingDivide(Nanos, s_unit);
                int power = 0;
                while (power < s_binary.Length - 1 && units % 1024 == 0)
                {
                    units /= 1024;
                    power++;
                }

                return units.ToString(CultureInfo.InvariantCulture) + s_binary[power];
            }
        }

        Int128 value = Nanos;
        int step = 0;
        while (step < s_decimal.Length - 1 && value % 1000 == 0)
        {
            value /= 1000;
            step++;
        }

        string number = value.ToString(CultureInfo.InvariantCulture);
        int exponent = (step - 3) * 3;
        return format == QuantityFormat.DecimalExponent && exponent != 0
            ? $"{number}e{exponent.ToString(CultureInfo.InvariantCulture)}"
            : number + s_decimal[step];
    }

    private static bool TryScale(string suffix, out int ten, out int two, out QuantityFormat format)
    {
        ten = two = 0;
        format = QuantityFormat.DecimalSI;
        int at = Array.IndexOf(s_decimal, suffix);
        if (at >= 0)
        {
            ten = (at - 3) * 3;
            return true;
        }

        at = Array.IndexOf(s_binary, suffix);
        if (at > 0)
        {
            two = at * 10;
            format = QuantityFormat.BinarySI;
            return true;
        }

        if (suffix.Length > 1 && suffix[0] is 'e' or 'E' &&
            int.TryParse(suffix.AsSpan(1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out ten) && Math.Abs(ten) < 1000)
        {
            format = QuantityFormat.DecimalExponent;
            return true;
        }

        return false;
    }

    private static Int128 Scale(Int128 number, int ten, int two, bool inexact)
    {
        bool remainder = inexact;
        for (; two > 0; two--)
        {
            if (number > s_max)
            {
                return s_max;
            }

            number *= 2;
        }

        for (; ten > 0; ten--)
        {
            if (number > s_max)
            {
                return s_max;
            }

            number *= 10;
        }

        for (; ten < 0 && (number != 0 || remainder); ten++)
        {
            remainder |= number % 10 != 0;
            number /= 10;
            if (number == 0)
            {
                break;
            }
        }

        return remainder ? number + 1 : number;
    }

    private static Int128 CeilingDivide(Int128 value, Int128 by)
    {
        Int128 quotient = value / by;
        // Kubernetes rounds away from zero.
        return value % by == 0 ? quotient : value > 0 ? quotient + 1 : quotient - 1;
    }
}
