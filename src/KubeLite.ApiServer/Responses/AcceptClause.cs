using System.Globalization;

namespace KubeLite.ApiServer.Responses;

/// <summary>One of the types that an Accept header lists.</summary>
/// <param name="Type">What stands before the slash.</param>
/// <param name="Subtype">What stands behind it.</param>
/// <param name="Quality">Its q, 1 where it has none.</param>
/// <param name="Parameters">Its other parameters.</param>
public sealed record AcceptClause(string Type, string Subtype, double Quality, IReadOnlyDictionary<string, string> Parameters)
{
    private static readonly Dictionary<string, string> s_none = [];

    /// <summary>
    /// The clauses of a header in the order in which Kubernetes' library (goautoneg) tries them; malformed ones are left out.
    /// </summary>
    public static List<AcceptClause> Parse(string header)
    {
        var clauses = new List<AcceptClause>();
        foreach (string part in header.Split(','))
        {
            string[] pieces = part.Split(';');
            string[] type = pieces[0].Split('/');
            if (type.Length > 2 || (type.Length == 1 && type[0].Trim() != "*") || (type.Length == 2 && type[1].Length == 0))
            {
                continue;
            }

            double quality = 1;
            Dictionary<string, string> parameters = s_none;
            foreach (string piece in pieces.AsSpan(1))
            {
                if (piece.Split('=') is not [var name, var value])
                {
                    continue;
                }

                if (name.Trim() == "q")
                {
                    quality = double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double q) ? q : 0;
                    continue;
                }

                parameters = ReferenceEquals(parameters, s_none) ? [] : parameters;
                parameters[name.Trim()] = value.Trim();
            }

            clauses.Add(new AcceptClause(type[0].Trim(), type.Length == 1 ? "*" : type[1].Trim(), quality, parameters));
        }

        // The order isn't a total one, so the way of sorting counts: insertion, as Go sorts short lists.
        for (int i = 1; i < clauses.Count; i++)
        {
            for (int j = i; j > 0 && clauses[j].Before(clauses[j - 1]); j--)
            {
                (clauses[j], clauses[j - 1]) = (clauses[j - 1], clauses[j]);
            }
        }

        return clauses;
    }

    /// <summary>True where it names a type, itself or by a wildcard.</summary>
    public bool Takes(string subtype) =>
        (Type == "application" && (Subtype == subtype || Subtype == "*")) || (Type == "*" && Subtype == "*");

    /// <summary>A parameter's value; empty where it is absent.</summary>
    public string Parameter(string name) => Parameters.GetValueOrDefault(name) ?? "";

    private bool Before(AcceptClause other) =>
        Quality > other.Quality || (Type != "*" && other.Type == "*") || (Subtype != "*" && other.Subtype == "*");
}
