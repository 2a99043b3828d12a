using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Entities;

namespace Orders;

/// <summary>A durable entity for each SKU that counts the units sold. Its operations are the public methods.</summary>
/// <remarks>An entity processes one operation at a time, so that concurrent orders add up.</remarks>
public sealed class Sales : TaskEntity<long>
{
    /// <summary>Returns the id of the entity that counts what was sold of a SKU.</summary>
    public static EntityInstanceId Of(string sku) => new(nameof(Sales), sku);

    /// <summary>Hands the operations that the host delivers to an instance of this class.</summary>
    [Function(nameof(Sales))]
    public static Task DispatchAsync([EntityTrigger] TaskEntityDispatcher dispatcher) =>
        dispatcher.DispatchAsync<Sales>();

    /// <summary>Adds units that were sold.</summary>
    public void Add(int quantity) => State += quantity;
}
