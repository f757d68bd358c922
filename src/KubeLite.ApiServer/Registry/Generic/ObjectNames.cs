using System.Security.Cryptography;

namespace KubeLite.ApiServer.Registry.Generic;

/// <summary>Makes names and uids.</summary>
public static class ObjectNames
{
    /// <summary>The letters and digits of generated names: none that make words or are mistaken for each other.</summary>
    public const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    private const int MaxBase = 63 - SuffixLength;
    private const int SuffixLength = 5;

    /// <summary>A name that begins with a prefix, cut so that the whole has at most 63 characters.</summary>
    public static string Generate(string prefix) =>
        (prefix.Length > MaxBase ? prefix[..MaxBase] : prefix) + RandomNumberGenerator.GetString(Alphabet, SuffixLength);

    /// <summary>A new uid.</summary>
    public static string NewUid() => Guid.NewGuid().ToString();
}
