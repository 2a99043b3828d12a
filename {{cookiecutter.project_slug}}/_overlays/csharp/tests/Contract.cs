using System.Text;
using System.Text.Json;

namespace Orders.Tests;

/// <summary>The functions of the app, and the requests that it must accept, refuse and complete.</summary>
public static class Contract
{
    private static readonly JsonElement Document = Read("contract.json");

    /// <summary>The names of the functions by the type of their trigger.</summary>
    public static IReadOnlyDictionary<string, string[]> Functions { get; } =
        Document.GetProperty("functions").Deserialize<Dictionary<string, string[]>>()!;

    /// <summary>Request bodies, each with the order that reaches the workflow.</summary>
    public static IEnumerable<TheoryDataRow<string, string>> Accepted => Cases(Read("accepted.json"), BodyOf, "order");

    /// <summary>Request bodies, each with the message of its refusal.</summary>
    public static IEnumerable<TheoryDataRow<string, string>> Rejected => Cases(Read("rejected.json"), BodyOf, "error");

    /// <summary>Orders with the events that are raised at once, each with the output of its workflow.</summary>
    public static IEnumerable<TheoryDataRow<string, string>> Completed =>
        Cases(Document.GetProperty("completed"), contractCase => contractCase.GetRawText(), "output");

    /// <summary>The body of an order that the workflow completes with success.</summary>
    public static string GoodBody => BodyOf(Document.GetProperty("completed")[0]);

    /// <summary>An order that the workflow completes with success.</summary>
    public static Order GoodOrder => OrderParser.Parse(Encoding.UTF8.GetBytes(GoodBody));

    /// <summary>Returns the cases of a list that only this pattern has, each with the message of its refusal.</summary>
    public static IEnumerable<TheoryDataRow<string, string>> RejectedBy(string list, Func<JsonElement, string> input) =>
        Cases(Document.GetProperty(list), input, "error");

    /// <summary>Returns the body of a case: JSON, or text when it is none.</summary>
    public static string BodyOf(JsonElement contractCase) =>
        contractCase.TryGetProperty("text", out JsonElement text)
            ? text.GetString()!
            : contractCase.GetProperty("body").GetRawText();

    private static JsonElement Read(string file) =>
        JsonElement.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, file)));

    private static IEnumerable<TheoryDataRow<string, string>> Cases(
        JsonElement list, Func<JsonElement, string> input, string result) =>
        from contractCase in list.EnumerateArray()
        let expected = contractCase.GetProperty(result)
        select new TheoryDataRow<string, string>(input(contractCase), expected.ToString())
        {
            TestDisplayName = contractCase.GetProperty("name").GetString(),
        };
}
