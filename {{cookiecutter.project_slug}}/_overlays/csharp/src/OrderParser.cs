using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Text.Unicode;

namespace Orders;

/// <summary>A request body that is not a well-formed order; the message is meant for the caller.</summary>
public sealed class InvalidOrderException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>Reads orders from request bodies. The rules and their messages are a contract with the callers.</summary>
/// <remarks>
/// A serializer would fill missing members with zeros and put .NET types into its messages, so members are read and
/// checked one by one.
/// </remarks>
public static partial class OrderParser
{
    private const string NotJson = "body is not valid JSON";

    /// <summary>Returns the order of a request body; members that an order does not have are dropped.</summary>
    /// <exception cref="InvalidOrderException">The body breaks a rule; the message is about the first.</exception>
    public static Order Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using JsonDocument document = ReadJson(body);
            return ReadOrder(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // JsonDocument throws the second for half of a surrogate pair in the name of a member.
            throw new InvalidOrderException(NotJson, e);
        }
    }

    private static JsonDocument ReadJson(ReadOnlyMemory<byte> body)
    {
        // JsonDocument finds bytes that are not UTF-8 only in those texts that somebody asks for.
        if (!Utf8.IsValid(body.Span))
        {
            throw new InvalidOrderException(NotJson);
        }

        bool hasByteOrderMark = body.Span.StartsWith(Encoding.UTF8.Preamble);
        return JsonDocument.Parse(hasByteOrderMark ? body[Encoding.UTF8.Preamble.Length..] : body);
    }

    private static Order ReadOrder(JsonElement body) =>
        body.ValueKind is JsonValueKind.Object
            ? new Order(ReadId(body), ReadItems(body), ReadNumber(body, "total", "total"))
            : throw new InvalidOrderException("body must be a JSON object");

    private static string ReadId(JsonElement order) =>
        Text(order, "id") is { } id && !string.IsNullOrWhiteSpace(id) && id.EnumerateRunes().Count() <= 100
            ? id
            : throw new InvalidOrderException("id must be a non-empty string of at most 100 characters");

    private static OrderItem[] ReadItems(JsonElement order) =>
        Member(order, "items") is { ValueKind: JsonValueKind.Array } items
            ? [.. items.EnumerateArray().Select((item, index) => ReadItem(item, $"items[{index}]"))]
            : throw new InvalidOrderException("items must be a list");

    private static OrderItem ReadItem(JsonElement item, string name) =>
        item.ValueKind is JsonValueKind.Object
            ? new OrderItem(
                ReadSku(item, $"{name}.sku"),
                ReadQuantity(item, $"{name}.quantity"),
                ReadNumber(item, "unitPrice", $"{name}.unitPrice"))
            : throw new InvalidOrderException($"{name} must be an object");

    private static string ReadSku(JsonElement item, string name) =>
        Text(item, "sku") is { } sku && Sku.IsMatch(sku)
            ? sku
            : throw new InvalidOrderException($"{name} must be 1 to 64 letters, digits, '.', '_' or '-'");

    private static int ReadQuantity(JsonElement item, string name) =>
        Number(item, "quantity") is { } quantity and >= 1 and <= 1_000_000 && double.IsInteger(quantity)
            ? (int)quantity
            : throw new InvalidOrderException($"{name} must be a whole number from 1 to 1000000");

    private static double ReadNumber(JsonElement parent, string member, string name) =>
        Number(parent, member) is { } number && double.IsFinite(number)
            ? number
            : throw new InvalidOrderException($"{name} must be a number");

    private static string? Text(JsonElement parent, string name)
    {
        if (Member(parent, name) is not { ValueKind: JsonValueKind.String } text)
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

    // JSON has one kind of number, so 2.0 is a whole number; one that no double can hold, 1e999, is infinite.
    private static double? Number(JsonElement parent, string name) =>
        Member(parent, name) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : null;

    private static JsonElement Member(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement member) ? member : default;

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,64}\z")]
    private static partial Regex Sku { get; }
}
