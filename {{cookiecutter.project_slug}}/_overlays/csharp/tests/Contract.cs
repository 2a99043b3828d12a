using System.Text;
using System.Text.Json;

namespace Orders.Tests;

/// <summary>The functions of the app, what it must refuse, and what it must complete with an output.</summary>
public static class Contract
{
    private static readonly JsonElement Document = Read("contract.json");

    /// <summary>The names of the functions by the type of their trigger.</summary>
    public static IReadOnlyDictionary<string, string[]> Functions { get; } =
        Document.GetProperty("functions").Deserialize<Dictionary<string, string[]>>()!;

    /// <summary>Request bodies, each with the message of its refusal.</summary>
    public static IEnumerable<TheoryDataRow<string, string>> Rejected => Cases(Read("rejected.json"), "error");

    /// <summary>Request bodies, each with the output of its workflow.</summary>
    public static IEnumerable<TheoryDataRow<string, string>> Completed => Cases(Document.GetProperty("completed"), "output");

    /// <summary>The body of an order that the workflow completes with success.</summary>
    public static string GoodBody => BodyOf(Document.GetProperty("completed")[0]);

    /// <summary>An order that the workflow completes with success.</summary>
    public static Order GoodOrder => OrderParser.Parse(Encoding.UTF8.GetBytes(GoodBody));

    private static JsonElement Read(string file) =>
        JsonElement.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, file)));

    private static IEnumerable<TheoryDataRow<string, string>> Cases(JsonElement list, string result) =>
        from contractCase in list.EnumerateArray()
        let expected = contractCase.GetProperty(result)
        select new TheoryDataRow<string, string>(BodyOf(contractCase), expected.ToString())
        {
            TestDisplayName = contractCase.GetProperty("name").GetString(),
        };

    // A body that is not JSON stands as text.
    private static string BodyOf(JsonElement contractCase) =>
        contractCase.TryGetProperty("text", out JsonElement text)
            ? text.GetString()!
            : contractCase.GetProperty("body").GetRawText();
}
