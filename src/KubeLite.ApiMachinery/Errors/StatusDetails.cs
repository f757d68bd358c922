using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiMachinery.Errors;

/// <summary>What a Status is about.</summary>
public sealed record StatusDetails(string Name, string Group, string Kind)
{
    /// <summary>The object's uid; empty for none.</summary>
    public string Uid { get; init; } = "";

    /// <summary>What is wrong, one by one.</summary>
    public IReadOnlyList<StatusCause> Causes { get; init; } = [];

    /// <summary>After how many seconds to try again; 0 for nothing said.</summary>
    public int RetryAfterSeconds { get; init; }

    /// <summary>The JSON form.</summary>
    public JsonMap ToJson()
    {
        var json = new JsonMap();
        Put("name", Name);
        Put("group", Group);
        Put("kind", Kind);
        Put("uid", Uid);
        if (Causes.Count > 0)
        {
            var causes = new JsonList(Causes.Count);
            foreach (StatusCause cause in Causes)
            {
                causes.Add(cause.ToJson());
            }

            json.Append("causes", causes);
        }

        if (RetryAfterSeconds > 0)
        {
            json.Append("retryAfterSeconds", (long)RetryAfterSeconds);
        }

        return json;

        void Put(string key, string value)
        {
            if (value.Length > 0)
            {
                json.Append(key, value);
            }
        }
    }
}

/// <summary>One cause of a Status.</summary>
public sealed record StatusCause(string Reason, string Message, string Field)
{
    /// <summary>The JSON form.</summary>
    public JsonMap ToJson()
    {
        var json = new JsonMap();
        if (Reason.Length > 0)
        {
            json.Append("reason", Reason);
        }

        if (Message.Length > 0)
        {
            json.Append("message", Message);
        }

        if (Field.Length > 0)
        {
            json.Append("field", Field);
        }

        return json;
    }
}
