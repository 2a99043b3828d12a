using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Microsoft.Azure.Functions.Worker;

namespace Orders.Tests;

/// <summary>The code of orchestrators uses nothing that may differ when it runs again.</summary>
/// <remarks>
/// The analyzers of Durable Functions find clocks, ids, delays, threads, HTTP and environment variables. These tests
/// also find what they do not look for, such as files. They do not look into other classes.
/// </remarks>
public sealed class DeterminismTests
{
    private static readonly (string Member, string Instead)[] Banned =
    [
        ("System.DateTime.get_Now", "use context.CurrentUtcDateTime"),
        ("System.DateTime.get_UtcNow", "use context.CurrentUtcDateTime"),
        ("System.DateTime.get_Today", "use context.CurrentUtcDateTime"),
        ("System.DateTimeOffset.get_Now", "use context.CurrentUtcDateTime"),
        ("System.DateTimeOffset.get_UtcNow", "use context.CurrentUtcDateTime"),
        ("System.TimeProvider.", "use context.CurrentUtcDateTime"),
        ("System.Diagnostics.Stopwatch.", "use context.CurrentUtcDateTime"),
        ("System.Guid.NewGuid", "use context.NewGuid()"),
        ("System.Guid.CreateVersion7", "use context.NewGuid()"),
        ("System.Random.", "take random values in an activity"),
        ("System.Security.Cryptography.", "take random values in an activity"),
        ("System.Environment.", "read the environment in an activity"),
        ("System.Threading.Tasks.Task.Delay", "use context.CreateTimer"),
        ("System.Threading.Thread.Sleep", "use context.CreateTimer"),
        ("System.Threading.Tasks.Task.Run", "use activities: they run in parallel"),
        ("System.Threading.Thread.", "use activities: they run in parallel"),
        ("System.Threading.Timer.", "use context.CreateTimer"),
        ("System.IO.", "read and write files in an activity"),
        ("System.Net.Http.", "call other services in an activity"),
        ("System.Net.Sockets.", "call other services in an activity"),
        ("System.Diagnostics.Process.", "start processes in an activity"),
        (".ConfigureAwait", "await the tasks of the context as they are"),
    ];

    private static readonly Dictionary<short, OpCode> Instructions = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value);

    /// <summary>The classes that have an orchestrator.</summary>
    public static TheoryData<string> Orchestrators =>
    [
        .. App.Functions.Values
            .Where(function => App.TriggerOf<OrchestrationTriggerAttribute>(function) is not null)
            .Select(function => function.DeclaringType!.FullName!)
            .Distinct()
    ];

    [Theory]
    [MemberData(nameof(Orchestrators))]
    public void An_orchestrator_uses_nothing_that_may_differ(string orchestrator)
    {
        Type type = typeof(Program).Assembly.GetType(orchestrator)!;
        string[] findings = [.. MembersOf(type).Select(Finding).OfType<string>().Distinct()];

        Assert.True(findings is [], $"{type} uses {string.Join(", ", findings)}.");
    }

    private static string? Finding(MemberInfo member)
    {
        string name = $"{member.DeclaringType}.{member.Name}";
        if (name == "System.Environment.get_CurrentManagedThreadId")
        {
            return null; // The compiler uses it for methods with `yield return`.
        }

        string? instead = member is FieldInfo { IsStatic: true, IsInitOnly: false } && !IsGenerated(member)
            ? "keep no state in static fields"
            : Banned.FirstOrDefault(banned => IsUse(name, banned.Member)).Instead;
        return instead is null ? null : $"{name} ({instead})";
    }

    private static bool IsUse(string name, string banned) => banned.StartsWith('.')
        ? name.EndsWith(banned, StringComparison.Ordinal)
        : name.StartsWith(banned, StringComparison.Ordinal);

    private static bool IsGenerated(MemberInfo member) =>
        member.DeclaringType!.IsDefined(typeof(CompilerGeneratedAttribute));

    // An async method is a class inside the class, and so are lambdas.
    private static IEnumerable<MemberInfo> MembersOf(Type type)
    {
        const BindingFlags All = BindingFlags.DeclaredOnly
            | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance;
        return type.GetMembers(All).OfType<MethodBase>().SelectMany(MembersIn)
            .Concat(type.GetNestedTypes(All).SelectMany(MembersOf));
    }

    private static IEnumerable<MemberInfo> MembersIn(MethodBase method)
    {
        byte[] code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (int at = 0; at < code.Length;)
        {
            short value = code[at++];
            OpCode instruction = Instructions[value == 0xFE ? (short)((value << 8) | code[at++]) : value];
            if (instruction.OperandType is OperandType.InlineMethod or OperandType.InlineField)
            {
                yield return method.Module.ResolveMember(
                    BitConverter.ToInt32(code, at),
                    method.DeclaringType!.GetGenericArguments(),
                    method.IsGenericMethod ? method.GetGenericArguments() : null)!;
            }

            at += instruction.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }
}
