namespace KubeLite.ApiMachinery.Expressions;

/// <summary>The tokens of CEL in the order in which messages list them.</summary>
internal enum CelTokenKind
{
    Equals, NotEquals, In, Less, LessEquals, GreaterEquals, Greater, And, Or, LeftBracket, RightBracket, LeftBrace, RightBrace,
    LeftParenthesis, RightParenthesis, Dot, Comma, Minus, Exclamation, Question, Colon, Plus, Star, Slash, Percent,
    True, False, Null, Float, Integer, Unsigned, Text, Bytes, Identifier, Escaped, End,
}

/// <summary>A token and where it begins.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">How it stands in the expression.</param>
/// <param name="Offset">Its first character's place.</param>
internal readonly record struct CelToken(CelTokenKind Kind, string Text, int Offset)
{
    /// <summary>How a message names a kind of token: by its text where there is only one, else by the grammar's name.</summary>
    public static string NameOf(CelTokenKind kind) => kind switch
    {
        CelTokenKind.Equals => "'=='",
        CelTokenKind.NotEquals => "'!='",
        CelTokenKind.In => "'in'",
        CelTokenKind.Less => "'<'",
        CelTokenKind.LessEquals => "'<='",
        CelTokenKind.GreaterEquals => "'>='",
        CelTokenKind.Greater => "'>'",
        CelTokenKind.And => "'&&'",
        CelTokenKind.Or => "'||'",
        CelTokenKind.LeftBracket => "'['",
        CelTokenKind.RightBracket => "']'",
        CelTokenKind.LeftBrace => "'{'",
        CelTokenKind.RightBrace => "'}'",
        CelTokenKind.LeftParenthesis => "'('",
        CelTokenKind.RightParenthesis => "')'",
        CelTokenKind.Dot => "'.'",
        CelTokenKind.Comma => "','",
        CelTokenKind.Minus => "'-'",
        CelTokenKind.Exclamation => "'!'",
        CelTokenKind.Question => "'?'",
        CelTokenKind.Colon => "':'",
        CelTokenKind.Plus => "'+'",
        CelTokenKind.Star => "'*'",
        CelTokenKind.Slash => "'/'",
        CelTokenKind.Percent => "'%'",
        CelTokenKind.True => "'true'",
        CelTokenKind.False => "'false'",
        CelTokenKind.Null => "'null'",
        CelTokenKind.Float => "NUM_FLOAT",
        CelTokenKind.Integer => "NUM_INT",
        CelTokenKind.Unsigned => "NUM_UINT",
        CelTokenKind.Text => "STRING",
        CelTokenKind.Bytes => "BYTES",
        CelTokenKind.Identifier => "IDENTIFIER",
        CelTokenKind.Escaped => "ESC_IDENTIFIER",
        _ => "<EOF>",
    };
}
