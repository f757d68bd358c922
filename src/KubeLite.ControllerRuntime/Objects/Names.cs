using System.Security.Cryptography;

namespace KubeLite.ControllerRuntime.Objects;

/// <summary>
/// Random and hashed name parts in the alphabet that Kubernetes uses, which spells no words (apimachinery <c>util/rand</c>).
/// </summary>
public static class Names
{
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>Random characters.</summary>
    public static string Random(int length) => RandomNumberGenerator.GetString(Alphabet, length);

    /// <summary>Text with every character replaced by one of the alphabet, by its code modulo the alphabet's length.</summary>
    public static string SafeEncode(string text) =>
        string.Create(text.Length, text, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = Alphabet[source[i] % Alphabet.Length];
            }
        });

    /// <summary>The 32-bit FNV-1a hash (RFC 9923) of some bytes, going on from <paramref name="seed"/>.</summary>
    public static uint Fnv32A(ReadOnlySpan<byte> bytes, uint seed = 2166136261)
    {
        foreach (var b in bytes)
        {
            seed = (seed ^ b) * 16777619;
        }
        return seed;
    }
}
