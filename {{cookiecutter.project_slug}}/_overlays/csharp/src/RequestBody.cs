using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Orders;

/// <summary>A request that breaks a rule; the message is meant for the caller.</summary>
public sealed class InvalidRequestException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>Reads the JSON of request bodies. The rules and their messages are a contract with the callers.</summary>
/// <remarks>
/// A serializer would fill missing members with zeros and put .NET types into its messages, so members are read and
/// checked one by one.
/// </remarks>
public static class RequestBody
{
    private const string NotJson = "body is not valid JSON";
    private const int MaxNameLength = 100;

    // Callers may nest 100 levels, also in members that nobody reads; the default is 64.
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 128 };

    /// <summary>Returns what <paramref name="read"/> makes of the JSON object in a request body.</summary>
    /// <exception cref="InvalidRequestException">The body breaks a rule; the message is about the first.</exception>
    public static T Parse<T>(ReadOnlyMemory<byte> body, Func<JsonElement, T> read)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(ReadUtf8(body), Options);
            return document.RootElement is { ValueKind: JsonValueKind.Object } members
                ? read(members)
                : throw new InvalidRequestException("body must be a JSON object");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // JsonDocument throws the second for half of a surrogate pair in the name of a member.
            throw new InvalidRequestException(NotJson, e);
        }
    }

    /// <summary>Returns a member that names something, such as the id of an order or a person.</summary>
    /// <exception cref="InvalidRequestException">It is not a text, blank or too long.</exception>
    public static string ReadName(this JsonElement parent, string member) =>
        parent.Text(member) is { } name && !IsBlank(name) && name.EnumerateRunes().Count() <= MaxNameLength
            ? name
            : throw new InvalidRequestException(
                $"{member} must be a non-empty string of at most {MaxNameLength} characters");

    /// <summary>Returns a member that is a text, otherwise null.</summary>
    public static string? Text(this JsonElement parent, string member)
    {
        if (parent.Member(member) is not { ValueKind: JsonValueKind.String } text)
        {
            return null;
        }

        try
        {
            return text.GetString();
        }
        catch (InvalidOperationException)
        {
            return null; // Half of a surrogate pair, as in "\ud800", is no text.
        }
    }

    /// <summary>Returns a member, or an element of kind <see cref="JsonValueKind.Undefined"/>.</summary>
    public static JsonElement Member(this JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement member) ? member : default;

    // JsonDocument finds bytes that are not UTF-8 only in those texts that somebody asks for.
    private static ReadOnlyMemory<byte> ReadUtf8(ReadOnlyMemory<byte> body)
    {
        if (!Utf8.IsValid(body.Span))
        {
            throw new InvalidRequestException(NotJson);
        }

        bool hasByteOrderMark = body.Span.StartsWith(Encoding.UTF8.Preamble);
        return hasByteOrderMark ? body[Encoding.UTF8.Preamble.Length..] : body;
    }

    // Unicode's white space, and what other languages of this contract count as such.
    private static bool IsBlank(string text) =>
        text.All(c => char.IsWhiteSpace(c) || c is (>= '\u001c' and <= '\u001f') or '\ufeff');
}
