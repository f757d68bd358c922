using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Patches;

namespace KubeLite.ApiServer.Endpoints;

/// <summary>What a patch that can't be carried out is answered.</summary>
public static class PatchErrors
{
    /// <summary>The answer to a fault of a patch.</summary>
    public static ApiException Translate(PatchException error) => error.Code switch
    {
        400 => ApiException.BadRequest(error.Message),
        413 => new ApiException(413, "RequestEntityTooLarge", error.Message),
        422 => new ApiException(422, "Invalid", error.Message, new("", "", "")),
        _ => ApiException.Bare(error.Message),
    };
}
