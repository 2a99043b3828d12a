using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Orders;

/// <summary>The function app.</summary>
public static class Program
{
    /// <summary>Runs the app until the Functions host stops it.</summary>
    public static void Main(string[] args) => BuildHost(args).Run();

    /// <summary>Builds the app with everything that its functions ask for; the tests build it, too.</summary>
    public static IHost BuildHost(string[] args)
    {
        FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder(args);
        builder.Services.Configure<JsonSerializerOptions>(ConfigureJson);
        return builder.Build();
    }

    // For the responses to HTTP requests and for what orchestrators and activities hand to each other.
    private static void ConfigureJson(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
    }
}
