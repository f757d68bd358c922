using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Protobuf;

namespace KubeLite.ApiServer.OpenApi;

/// <summary>
/// The fields of a proto3 message, where what has its type's default value is left out (Protocol Buffers, "Field Presence").
/// A member of a oneof is written whatever its value, and therefore by <see cref="WireWriter"/> itself.
/// </summary>
internal static class Proto3Fields
{
    /// <summary>Writes a text unless it is empty or null.</summary>
    public static void NonEmptyText(this WireWriter writer, int field, string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            writer.Text(field, text);
        }
    }

    /// <summary>Writes every text of a list, empty ones too; nothing for null.</summary>
    public static void Texts(this WireWriter writer, int field, JsonList? texts)
    {
        foreach (string text in texts?.Strings() ?? [])
        {
            writer.Text(field, text);
        }
    }

    /// <summary>Writes a flag that is set.</summary>
    public static void TrueFlag(this WireWriter writer, int field, bool flag)
    {
        if (flag)
        {
            writer.Integer(field, 1);
        }
    }

    /// <summary>Writes an integer unless it is zero.</summary>
    public static void NonZeroInteger(this WireWriter writer, int field, long value)
    {
        if (value != 0)
        {
            writer.Integer(field, value);
        }
    }

    /// <summary>Writes a floating point number unless it is zero.</summary>
    public static void NonZeroDouble(this WireWriter writer, int field, double value)
    {
        if (value != 0)
        {
            writer.Double(field, value);
        }
    }

    /// <summary>Writes a message: its content is what <paramref name="write"/> writes.</summary>
    public static void Message(this WireWriter writer, int field, Action<WireWriter> write)
    {
        int begun = writer.Begin(field);
        write(writer);
        writer.End(begun);
    }
}
