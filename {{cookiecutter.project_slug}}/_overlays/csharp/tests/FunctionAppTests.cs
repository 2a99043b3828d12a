using System.Reflection;
using Microsoft.Azure.Functions.Worker;

namespace Orders.Tests;

/// <summary>The exact functions of the app.</summary>
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
    public void Functions_are_named_after_their_methods_and_entities_after_their_classes() => Assert.All(
        App.Functions,
        function => Assert.Equal(
            App.TriggerOf<EntityTriggerAttribute>(function.Value) is null
                ? function.Value.Name
                : function.Value.DeclaringType!.Name,
            function.Key));
}
