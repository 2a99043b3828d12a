using System.Text;
using System.Text.Json;

namespace Orders;

/// <summary>What somebody decided about an order.</summary>
public sealed record Approval(bool Approved, string Approver)
{
    /// <summary>The name of the event that brings an approval to the workflow.</summary>
    public const string EventName = "Approval";

    /// <summary>Returns the approval of a request body; members that an approval does not have are dropped.</summary>
    /// <exception cref="InvalidRequestException">The body breaks a rule; the message is about the first.</exception>
    public static Approval Parse(ReadOnlyMemory<byte> body) => RequestBody.Parse(body, Read);

    /// <summary>Returns the approval of an event. Some clients send it as an object, some as a text of JSON.</summary>
    /// <exception cref="InvalidRequestException">The event is not an approval.</exception>
    public static Approval FromEvent(JsonElement data) =>
        Parse(Encoding.UTF8.GetBytes(data.ToString())); // an object as JSON, a text as it is

    private static Approval Read(JsonElement approval) =>
        approval.Member("approved") is { ValueKind: JsonValueKind.True or JsonValueKind.False } approved
            ? new Approval(approved.GetBoolean(), approval.ReadName("approver"))
            : throw new InvalidRequestException("approved must be true or false");
}
