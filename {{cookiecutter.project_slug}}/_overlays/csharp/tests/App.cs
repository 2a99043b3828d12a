using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Orders.Tests;

/// <summary>The app under test as the Functions host sees it: its functions by name, its services, its JSON.</summary>
internal static class App
{
    public static IServiceProvider Services { get; } = Program.BuildHost([]).Services;

    public static JsonSerializerOptions Json { get; } =
        Services.GetRequiredService<IOptions<JsonSerializerOptions>>().Value;

    public static IReadOnlyDictionary<string, MethodInfo> Functions { get; } = (
        from type in typeof(Program).Assembly.GetTypes()
        from method in type.GetMethods()
        let function = method.GetCustomAttribute<FunctionAttribute>()
        where function is not null
        select (function.Name, method)).ToDictionary();

    /// <summary>The version of a new orchestration, from host.json.</summary>
    public static string DefaultVersion { get; } =
        JsonElement.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "host.json")))
            .GetProperty("extensions").GetProperty("durableTask")
            .TryGetProperty("defaultVersion", out JsonElement version) ? version.GetString()! : "";

    // The activities would log on the console.
    [ModuleInitializer]
    internal static void BeSilent() => Environment.SetEnvironmentVariable("Logging__LogLevel__Default", "None");

    /// <summary>Returns the parameter of a function that has the attribute of a trigger.</summary>
    public static ParameterInfo? TriggerOf<TTrigger>(MethodInfo function)
        where TTrigger : Attribute =>
        function.GetParameters().SingleOrDefault(parameter => parameter.IsDefined(typeof(TTrigger)));

    /// <summary>Calls a function; the instance that has it gets the services of the app.</summary>
    public static async Task<object?> InvokeAsync(MethodInfo function, params object?[] arguments)
    {
        object? target = function.IsStatic
            ? null
            : ActivatorUtilities.CreateInstance(Services, function.DeclaringType!);
        object? result = function.Invoke(target, BindingFlags.DoNotWrapExceptions, null, arguments, null);
        if (result is not Task task)
        {
            return result;
        }

        await task;
        return function.ReturnType.GetProperty("Result")?.GetValue(task);
    }
}
