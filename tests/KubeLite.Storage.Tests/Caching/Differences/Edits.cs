namespace KubeLite.Storage.Tests.Caching.Differences;

/// <summary>Random edits of bytes.</summary>
internal static class Edits
{
    /// <summary>Bytes after some edits, each of which replaces, inserts, deletes, moves or repeats a run.</summary>
    public static byte[] Apply(Random random, byte[] bytes, int edits, int alphabet)
    {
        List<byte> edited = [.. bytes];
        for (int i = 0; i < edits; i++)
        {
            int at = random.Next(edited.Count + 1);
            int length = Math.Min(random.Next(random.Next(2) == 0 ? 12 : 300), edited.Count - at);
            List<byte> run = edited.GetRange(at, length);
            switch (random.Next(5))
            {
                case 0:
                    for (int b = 0; b < length; b++)
                    {
                        edited[at + b] = (byte)random.Next(alphabet);
                    }

                    break;
                case 1:
                    edited.InsertRange(at, Enumerable.Range(0, random.Next(100)).Select(_ => (byte)random.Next(alphabet)));
                    break;
                case 2:
                    edited.RemoveRange(at, length);
                    break;
                case 3:
                    edited.RemoveRange(at, length);
                    edited.InsertRange(random.Next(edited.Count + 1), run);
                    break;
                default:
                    edited.InsertRange(random.Next(edited.Count + 1), run);
                    break;
            }
        }

        return [.. edited];
    }
}
