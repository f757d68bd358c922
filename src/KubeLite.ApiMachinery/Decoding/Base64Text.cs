namespace KubeLite.ApiMachinery.Decoding;

/// <summary>Checks base64 as Go's decoder does.</summary>
internal static class Base64Text
{
    /// <summary>-1 where the text is valid standard base64; else the index of the first byte that Go would name.</summary>
    public static int ValidLength(string text)
    {
        int digits = 0;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (char.IsAsciiLetterOrDigit(c) || c is '+' or '/')
            {
                digits++;
                continue;
            }

            if (c != '=' || digits % 4 < 2)
            {
                return i;
            }

            int needed = 4 - digits % 4;
            if (needed == 2 && (i + 1 >= text.Length || text[i + 1] != '='))
            {
                return i + 1 >= text.Length ? text.Length : i + 1;
            }

            return i + needed == text.Length ? -1 : i + needed;
        }

        return digits % 4 == 0 ? -1 : text.Length;
    }
}
