using System.Net;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Client.Entities;
using Microsoft.DurableTask.Entities;
using Moq;

namespace Orders.Tests;

public sealed class SalesHttpTests
{
    private readonly Mock<DurableEntityClient> _entities = new("test") { CallBase = true };

    public static IEnumerable<TheoryDataRow<string, string>> Rejected =>
        Contract.RejectedBy("rejectedSkus", ofCase => ofCase.GetProperty("sku").GetString()!);

    [Fact]
    public void GetSales_is_a_get_that_needs_a_key() =>
        HttpAssert.HasTrigger(nameof(SalesHttp.GetSales), "get", "sales/{sku}");

    [Fact]
    public async Task The_sales_of_a_sku_are_returned()
    {
        HasSold("A-1", 17);

        FakeResponse response = await GetAsync("A-1");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.StartsWith("application/json", response.SentHeaders["Content-Type"]);
        Json.AssertEqual("""{"sku": "A-1", "quantity": 17}""", response.SentJson.GetRawText());
    }

    [Fact]
    public async Task A_sku_without_sales_is_not_found()
    {
        HasSold("a-1", 17);

        FakeResponse response = await GetAsync("A-1");

        HttpAssert.IsError(HttpStatusCode.NotFound, "no sales of this SKU", response);
    }

    [Theory]
    [MemberData(nameof(Rejected))]
    public async Task A_malformed_sku_is_refused(string sku, string error)
    {
        FakeResponse response = await GetAsync(sku);

        HttpAssert.IsError(HttpStatusCode.BadRequest, error, response);
        _entities.VerifyNoOtherCalls();
    }

    private void HasSold(string sku, long quantity)
    {
        EntityInstanceId id = new("Sales", sku);
        _entities
            .Setup(entities => entities.GetEntityAsync<long>(id, true, It.IsAny<CancellationToken>()))
            .ReturnsAsync(new EntityMetadata<long>(id, quantity));
    }

    private async Task<FakeResponse> GetAsync(string sku)
    {
        Mock<DurableTaskClient> client = new("test");
        client.SetupGet(c => c.Entities).Returns(_entities.Object);
        return (FakeResponse)await SalesHttp.GetSales(
            new FakeRequest("GET", []), client.Object, sku, TestContext.Current.CancellationToken);
    }
}
