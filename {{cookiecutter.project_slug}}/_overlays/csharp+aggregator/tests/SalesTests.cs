using Microsoft.DurableTask.Entities;
using Moq;

namespace Orders.Tests;

public sealed class SalesTests
{
    [Fact]
    public async Task The_first_order_creates_the_entity() => Assert.Equal(2, await StateAfterAsync(null, 2));

    [Fact]
    public async Task Orders_add_up() => Assert.Equal(17, await StateAfterAsync(10, 2, 5));

    [Fact]
    public async Task More_units_are_counted_than_a_32_bit_number_holds() =>
        Assert.Equal(int.MaxValue + 1_000_000L, await StateAfterAsync(int.MaxValue, 1_000_000));

    [Fact]
    public async Task An_unknown_operation_is_an_error_and_changes_nothing()
    {
        FakeState state = new(10);

        await Assert.ThrowsAsync<NotSupportedException>(
            () => new Sales().RunAsync(new FakeOperation("remove", 2, state)).AsTask());
        Assert.Equal("10", state.Json);
    }

    [Fact]
    public void Each_sku_has_an_entity() =>
        Assert.Equal(new EntityInstanceId("Sales", "A-1"), Sales.Of("A-1"));

    private static async Task<long> StateAfterAsync(long? sold, params int[] quantities)
    {
        FakeState state = new(sold);
        foreach (int quantity in quantities)
        {
            await new Sales().RunAsync(new FakeOperation("add", quantity, state));
        }

        return Json.Read<long>(state.Json!);
    }

    /// <summary>State that is kept as JSON, as the host keeps it.</summary>
    private sealed class FakeState(long? sold) : TaskEntityState
    {
        public string? Json { get; private set; } = sold is null ? null : Tests.Json.Write(sold);

        public override bool HasState => Json is not null;

        public override object? GetState(Type type) => Json is null ? null : Tests.Json.Read(Json, type);

        public override void SetState(object? state) => Json = state is null ? null : Tests.Json.Write(state);
    }

    /// <summary>One operation, as the host delivers it.</summary>
    private sealed class FakeOperation(string name, object input, TaskEntityState state) : TaskEntityOperation
    {
        public override string Name => name;

        public override TaskEntityContext Context => Mock.Of<TaskEntityContext>();

        public override TaskEntityState State => state;

        public override bool HasInput => true;

        public override object? GetInput(Type inputType) => Json.Read(Json.Write(input), inputType);
    }
}
