using KubeLite.Hosting;

namespace KubeLite.ApiServer.Authentication;

/// <summary>The tokens of a <c>--token-auth-file</c>: lines of token,user,uid and optionally quoted groups.</summary>
public sealed class StaticTokens
{
    private readonly Dictionary<string, UserInfo> _users = new(StringComparer.Ordinal);

    private StaticTokens() { }

    /// <summary>Reads a file; an empty name gives no tokens.</summary>
    /// <exception cref="StartupException">The file can't be read or a line has fewer than three columns.</exception>
    public static StaticTokens Load(string file)
    {
        var tokens = new StaticTokens();
        if (file.Length == 0)
        {
            return tokens;
        }

        string[] lines;
        try
        {
            lines = File.ReadAllLines(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"--token-auth-file {file}: {e.Message}", e);
        }

        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].Trim().Length == 0)
            {
                continue;
            }

            List<string> columns = Columns(lines[i]);
            if (columns.Count < 3)
            {
                throw new StartupException($"--token-auth-file {file}, line {i + 1}: expected token,user,uid[,\"group,group\"]");
            }

            string[] groups = columns.Count > 3
                ? columns[3].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                : [];
            tokens._users[columns[0]] = new UserInfo(columns[1], columns[2], groups, UserInfo.NoExtra).AsAuthenticated();
        }

        return tokens;
    }

    /// <summary>The user of a token; null where it is none of these.</summary>
    public UserInfo? Find(string token) => _users.GetValueOrDefault(token);

    private static List<string> Columns(string line)
    {
        var columns = new List<string>();
        var text = new System.Text.StringBuilder();
        bool quoted = false;
        foreach (char c in line)
        {
            if (c == '"')
            {
                quoted = !quoted;
            }
            else if (c == ',' && !quoted)
            {
                columns.Add(text.ToString().Trim());
                text.Clear();
            }
            else
            {
                text.Append(c);
            }
        }

        columns.Add(text.ToString().Trim());
        return columns;
    }
}
