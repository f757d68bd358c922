using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.Endpoints;

/// <summary>A continue token whose revision was compacted; the answer holds one with which the rest can be had all the same.</summary>
public sealed class ExpiredContinueException(string token) : Exception
{
    /// <summary>The Status, with the new token in its metadata.</summary>
    public JsonMap ToStatus()
    {
        JsonMap status = ApiException.Expired(
            "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.")
                .ToStatus();
        status.MapAt("metadata")["continue"] = token;
        return status;
    }
}
