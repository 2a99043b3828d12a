using System.Text.Json;
using System.Text.RegularExpressions;

namespace Orders;

/// <summary>Reads orders from request bodies.</summary>
public static partial class OrderParser
{
    /// <summary>What a SKU is, for messages to callers.</summary>
    public const string SkuRule = "must be 1 to 64 letters, digits, '.', '_' or '-'";

    /// <summary>Returns the order of a request body; members that an order does not have are dropped.</summary>
    /// <exception cref="InvalidRequestException">The body breaks a rule; the message is about the first.</exception>
    public static Order Parse(ReadOnlyMemory<byte> body) => RequestBody.Parse(
        body,
        order => new Order(order.ReadName("id"), ReadItems(order), ReadNumber(order, "total", "total")));

    /// <summary>Returns whether a text can be a SKU.</summary>
    public static bool IsSku(string text) => Sku.IsMatch(text);

    private static OrderItem[] ReadItems(JsonElement order) =>
        order.Member("items") is { ValueKind: JsonValueKind.Array } items
            ? [.. items.EnumerateArray().Select((item, index) => ReadItem(item, $"items[{index}]"))]
            : throw new InvalidRequestException("items must be a list");

    private static OrderItem ReadItem(JsonElement item, string name) =>
        item.ValueKind is JsonValueKind.Object
            ? new OrderItem(
                ReadSku(item, $"{name}.sku"),
                ReadQuantity(item, $"{name}.quantity"),
                ReadNumber(item, "unitPrice", $"{name}.unitPrice"))
            : throw new InvalidRequestException($"{name} must be an object");

    private static string ReadSku(JsonElement item, string name) =>
        item.Text("sku") is { } sku && IsSku(sku)
            ? sku
            : throw new InvalidRequestException($"{name} {SkuRule}");

    private static int ReadQuantity(JsonElement item, string name) =>
        Number(item, "quantity") is { } quantity and >= 1 and <= 1_000_000 && double.IsInteger(quantity)
            ? (int)quantity
            : throw new InvalidRequestException($"{name} must be a whole number from 1 to 1000000");

    private static double ReadNumber(JsonElement parent, string member, string name) =>
        Number(parent, member) is { } number && double.IsFinite(number)
            ? number
            : throw new InvalidRequestException($"{name} must be a number");

    // JSON has one kind of number, so 2.0 is a whole number; one that no double can hold, 1e999, is infinite.
    private static double? Number(JsonElement parent, string member) =>
        parent.Member(member) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : null;

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,64}\z")]
    private static partial Regex Sku { get; }
}
