using System.Reflection;
using Microsoft.Azure.Functions.Worker;

namespace Orders.Tests;

/// <summary>The exact functions of the app, and how they are reached.</summary>
public sealed class FunctionAppTests
{
    [Fact]
    public void The_app_has_the_functions_of_the_contract() => Assert.Equal(
        Contract.Functions.SelectMany(kind => kind.Value).Order(StringComparer.Ordinal),
        App.Functions.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void Functions_have_the_triggers_of_the_contract() => Assert.All(
        Contract.Functions.SelectMany(kind => kind.Value, (kind, name) => (Trigger: kind.Key, Name: name)),
        function => Assert.Contains(
            App.Functions[function.Name].GetParameters().SelectMany(parameter => parameter.GetCustomAttributes()),
            attribute => string.Equals(
                attribute.GetType().Name, $"{function.Trigger}Attribute", StringComparison.OrdinalIgnoreCase)));

    [Fact]
    public void Functions_are_named_after_their_methods() =>
        Assert.All(App.Functions, function => Assert.Equal(function.Value.Name, function.Key));

    [Fact]
    public void StartOrder_is_a_post_that_needs_a_key()
    {
        ParameterInfo request = App.TriggerOf<HttpTriggerAttribute>(App.Functions["StartOrder"])!;
        HttpTriggerAttribute trigger = request.GetCustomAttribute<HttpTriggerAttribute>()!;

        Assert.Equal("orders", trigger.Route);
        Assert.Equal(["post"], trigger.Methods!);
        Assert.Equal(AuthorizationLevel.Function, trigger.AuthLevel);
    }
}
