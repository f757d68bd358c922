using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.Registry.Generic;

/// <summary>What came of a write.</summary>
/// <param name="Document">The object in the storage version, with its resourceVersion where it has one; free to be changed.</param>
/// <param name="Json">The bytes that were stored; null where nothing was: a dry run, a deletion, an update that changes nothing.</param>
/// <param name="Revision">The revision under which <paramref name="Json"/> was stored.</param>
public sealed record WrittenObject(JsonMap Document, StoredJson? Json = null, long Revision = 0);
