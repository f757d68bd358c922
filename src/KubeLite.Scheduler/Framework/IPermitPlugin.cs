namespace KubeLite.Scheduler.Framework;

/// <summary>Extension point Permit: may reject a Pod or have it wait before it is bound.</summary>
internal interface IPermitPlugin : IPlugin
{
    /// <summary>Success, a rejection, or Wait together with <paramref name="permission"/>.</summary>
    /// <param name="state">The notes of the cycle.</param>
    /// <param name="pod">The Pod.</param>
    /// <param name="node">Where it shall go.</param>
    /// <param name="permission">Ends with the final answer; awaited by the binding cycle. Null unless Wait is returned.</param>
    Status Permit(CycleState state, PodInfo pod, string node, out Task<Status>? permission);
}
