namespace KubeLite.ApiMachinery.Facts;

/// <summary>What is written for a field that has no value, as the Go types of Kubernetes' API decide it.</summary>
public enum EmptyRule
{
    /// <summary>A value field that is left out where it is zero (<c>omitempty</c>); structures are written all the same.</summary>
    OmitEmpty,

    /// <summary>A value field that is left out where it is zero, structures too (<c>omitzero</c>).</summary>
    OmitZero,

    /// <summary>A value field that is always written.</summary>
    Always,

    /// <summary>An optional field: left out where it is absent, written where it is set, zero too.</summary>
    Optional,

    /// <summary>An optional field that is written as null where it is absent.</summary>
    OptionalNull,
}
