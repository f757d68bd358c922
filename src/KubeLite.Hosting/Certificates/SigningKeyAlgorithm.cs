namespace KubeLite.Hosting.Certificates;

/// <summary>What a service account signing key is made of.</summary>
public enum SigningKeyAlgorithm
{
    /// <summary>ECDSA on P-256; tokens are signed with ES256. Made in a millisecond.</summary>
    EcdsaP256,

    /// <summary>RSA of 2048 bits; tokens are signed with RS256.</summary>
    Rsa2048,
}
