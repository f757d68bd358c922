namespace KubeLite.ApiServer.CustomResources.Definitions;

/// <summary>What an approval annotation says.</summary>
public enum ApprovalState
{
    /// <summary>There is none.</summary>
    Missing,

    /// <summary>Neither that it is approved nor that it isn't.</summary>
    Invalid,

    /// <summary>That it isn't approved.</summary>
    Bypassed,

    /// <summary>Where it was approved.</summary>
    Approved,
}
