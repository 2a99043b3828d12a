using System.Text.Json;

namespace Orders.Tests;

/// <summary>JSON as the app writes and reads it.</summary>
internal static class Json
{
    public static string Write(object? value) => JsonSerializer.Serialize(value, App.Json);

    public static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, App.Json)!;

    public static object? Read(string json, Type type) => JsonSerializer.Deserialize(json, type, App.Json);

    /// <summary>Returns a text as it is, null for null, anything else as JSON.</summary>
    public static string? Text(string json) =>
        JsonElement.Parse(json) is { ValueKind: not JsonValueKind.Null } value ? value.ToString() : null;

    /// <summary>Returns whether two texts are equal as JSON: the order of members and white space do not matter.</summary>
    public static bool AreEqual(string one, string other) =>
        JsonElement.DeepEquals(JsonElement.Parse(one), JsonElement.Parse(other));

    /// <summary>Fails when two texts differ as JSON.</summary>
    public static void AssertEqual(string expected, string actual) => Assert.True(
        AreEqual(expected, actual),
        $"Expected: {expected}{Environment.NewLine}Actual:   {actual}");
}
