using System.Text;
using System.Text.Json;

namespace Orders.Tests;

/// <summary>The requests that the app must refuse, and the orders that it must complete with an output.</summary>
public static class Contract
{
    private static readonly JsonElement Document =
        JsonElement.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "contract.json")));

    /// <summary>Request bodies, each with the message of its refusal.</summary>
    public static IEnumerable<TheoryDataRow<string, string>> Rejected => Cases("rejected", "error");

    /// <summary>Request bodies, each with the output of its workflow.</summary>
    public static IEnumerable<TheoryDataRow<string, string>> Completed => Cases("completed", "output");

    /// <summary>The body of an order that the workflow completes with success.</summary>
    public static string GoodBody => BodyOf(Document.GetProperty("completed")[0]);

    /// <summary>An order that the workflow completes with success.</summary>
    public static Order GoodOrder => OrderParser.Parse(Encoding.UTF8.GetBytes(GoodBody));

    private static IEnumerable<TheoryDataRow<string, string>> Cases(string list, string result) =>
        from contractCase in Document.GetProperty(list).EnumerateArray()
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
