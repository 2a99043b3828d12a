namespace Orders;

/// <summary>One line of an order; the price is per unit.</summary>
public sealed record OrderItem(string Sku, int Quantity, double UnitPrice);

/// <summary>
/// A well-formed order. <see cref="OrderActivities.ValidateOrder"/> decides whether it can be processed.
/// </summary>
public record Order(string Id, IReadOnlyList<OrderItem> Items, double Total);

/// <summary>The output of the workflow; <paramref name="Reason"/> is there when the order was not fulfilled.</summary>
public record OrderResult(bool Success, string OrderId, string? Reason = null)
{
    /// <summary>Returns the output of a workflow that did all its work.</summary>
    public static OrderResult Fulfilled(Order order) => new(true, order.Id);

    /// <summary>Returns the output of a workflow that ended early, and why.</summary>
    public static OrderResult NotFulfilled(Order order, string reason) => new(false, order.Id, reason);
}
