using System.Globalization;
using System.Text.Json;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Entities;
using Microsoft.Extensions.Logging;

namespace Orders.Tests;

/// <summary>The replay helper of generated projects: what it finds, and that it acts as the SDK.</summary>
public sealed class ReplayHelperTests
{
    private static readonly TaskOptions Twice = TaskOptions.FromRetryPolicy(new RetryPolicy(2, TimeSpan.FromSeconds(5)));

    private DateTime _wallClock = new(2026, 11, 30, 23, 59, 58, DateTimeKind.Utc);

    // What differs between two runs.

    [Theory]
    [InlineData("clock", "O")]
    [InlineData("clock without fractions", "s")]
    [InlineData("calendar", "d")]
    public void A_clock_is_found(string name, string format)
    {
        Replay run = Start(context => context.CallActivityAsync(
            name, _wallClock.ToString(format, CultureInfo.InvariantCulture)));
        _wallClock = _wallClock.AddSeconds(2);

        Exception error = Assert.Throws<NonDeterministicOrchestratorException>(run.Repeat);
        Assert.StartsWith($"Step 1 was ActivityCall {{ Name = {name}, Input = ", error.Message);
    }

    [Fact]
    public void A_branch_on_the_clock_is_found()
    {
        Replay run = Start(async context =>
        {
            await context.CallActivityAsync("Pay");
            await context.CallActivityAsync(_wallClock.Month == 11 ? "Ship" : "ShipLater");
        });
        run.Complete();
        _wallClock = _wallClock.AddSeconds(2);

        Exception error = Assert.Throws<NonDeterministicOrchestratorException>(() => run.Complete());
        Assert.StartsWith("Step 2 was ActivityCall { Name = Ship,", error.Message);
        Assert.Contains("is ActivityCall { Name = ShipLater,", error.Message);
    }

    [Fact]
    public void Another_order_of_parallel_calls_is_found() => CheckFound("Step 1 was ActivityCall", (context, run) =>
    {
        string[] skus = run % 2 == 0 ? ["A", "B"] : ["B", "A"];
        return Task.WhenAll(skus.Select(sku => context.CallActivityAsync("Reserve", sku)));
    });

    [Fact]
    public void Another_retry_policy_is_found() => CheckFound("Step 1 was ActivityCall", (context, run) =>
        context.CallActivityAsync("Pay", options: TaskOptions.FromRetryPolicy(new(run + 1, TimeSpan.FromSeconds(1)))));

    [Fact]
    public void Another_timer_is_found() => CheckFound("Step 1 was DurableTimer", (context, run) =>
        context.CreateTimer(TimeSpan.FromSeconds(run), CancellationToken.None));

    [Fact]
    public void Another_event_is_found() => CheckFound("Step 1 was ExternalEvent", (context, run) =>
        context.WaitForExternalEvent<string>($"Approval {run}"));

    [Fact]
    public void Another_custom_status_is_found() => CheckFound("Step 1 was CustomStatus", (context, run) =>
    {
        context.SetCustomStatus(run);
        return context.CallActivityAsync("Pay");
    });

    [Fact]
    public void Another_signal_is_found() => CheckFound("Step 1 was Signal", async (context, run) =>
    {
        await context.Entities.SignalEntityAsync(new EntityInstanceId("Sales", "A-1"), "add", run);
        await context.CallActivityAsync("Pay");
    });

    [Fact]
    public void Another_next_input_is_found() => CheckFound("Step 1 was NextGeneration", (context, run) =>
    {
        context.ContinueAsNew(run);
        return Task.CompletedTask;
    });

    [Fact]
    public void Another_output_is_found()
    {
        int runs = 0;

        Assert.Throws<NonDeterministicOrchestratorException>(
            () => Replay.Start<string, int>((_, _) => Task.FromResult(runs++), "input"));
    }

    [Fact]
    public void A_missing_cancellation_is_found() => CheckFound("Step 2 was Cancellation", (context, run) =>
    {
        using CancellationTokenSource timeout = new();
        Task timer = context.CreateTimer(TimeSpan.FromSeconds(1), timeout.Token);
        if (run % 2 == 0)
        {
            timeout.Cancel();
        }

        return context.CallActivityAsync("Pay");
    });

    [Fact]
    public void A_step_that_only_a_replay_has_is_found() => CheckFound("Step 2 was missing", (context, run) =>
    {
        Task payment = context.CallActivityAsync("Pay");
        if (run > 0)
        {
            context.SetCustomStatus("replayed");
        }

        return payment;
    });

    [Fact]
    public void A_branch_on_whether_the_run_is_a_replay_is_found()
    {
        Replay run = Start(async context =>
        {
            await context.CallActivityAsync(context.IsReplaying ? "Ship" : "Pay");
            await context.CallActivityAsync("Pack");
        });

        Assert.Throws<NonDeterministicOrchestratorException>(() => run.Complete());
    }

    [Fact]
    public void A_difference_that_the_orchestrator_catches_is_found() => CheckFound("Step 1 was", async (context, run) =>
    {
        try
        {
            await context.CallActivityAsync("Pay", run);
        }
        catch (Exception)
        {
            await context.CallActivityAsync("Ship");
        }
    });

    // Awaits that are not durable.

    [Fact]
    public void An_await_of_the_thread_pool_is_found() => CheckNotDurable(async context =>
    {
        await Task.Run(() => Thread.Sleep(20));
        await context.CallActivityAsync("Pay");
    });

    [Fact]
    public void A_delay_is_found() => CheckNotDurable(async context =>
    {
        await Task.Delay(20);
        await context.CallActivityAsync("Pay");
    });

    [Fact]
    public void An_await_that_leaves_the_thread_is_found()
    {
        Replay run = Start(async context =>
        {
            await context.CallActivityAsync("Pay").ConfigureAwait(false);
            await context.CallActivityAsync("Ship");
        });

        Assert.Throws<NonDeterministicOrchestratorException>(() => run.Complete());
    }

    [Fact]
    public void A_cancellation_that_leaves_the_thread_is_found()
    {
        Replay run = Start(async context =>
        {
            using CancellationTokenSource timeout = new();
            Task timer = context.CreateTimer(TimeSpan.FromHours(1), timeout.Token);
            await Task.WhenAny(timer, context.WaitForExternalEvent<string>("Approval"));
            await timeout.CancelAsync();
            await context.CallActivityAsync("Pay");
        });

        Assert.Throws<NonDeterministicOrchestratorException>(() =>
        {
            run.RaiseEvent("Approval", "yes");
            run.FireTimer();
        });
    }

    [Fact]
    public void A_continuation_on_another_thread_is_found_while_a_timer_is_open() => CheckNotDurable(context =>
    {
        Task timer = context.CreateTimer(TimeSpan.FromHours(1), CancellationToken.None);
        TaskCompletionSource response = new();
        Task read = ReadAsync(response.Task);
        Thread network = new(response.SetResult);
        network.Start();
        network.Join();
        return Task.WhenAll(read, timer);

        static async Task ReadAsync(Task task) => await task;
    });

    [Fact]
    public void A_yield_stays_on_the_thread()
    {
        Replay run = Start(async context =>
        {
            await Task.Yield();
            await context.CallActivityAsync("Pay");
        });

        Assert.Equal([new ActivityCall("Pay", null)], run.WaitsFor);
    }

    // The end.

    [Fact]
    public async Task A_call_that_nobody_awaits_is_not_run()
    {
        Replay run = Start(context =>
        {
            _ = context.CallActivityAsync(nameof(OrderActivities.ShipOrder), Contract.GoodOrder);
            return Task.CompletedTask;
        });

        Exception error = await Assert.ThrowsAsync<InvalidOperationException>(run.RunAsync);
        Assert.StartsWith("ActivityCall { Name = ShipOrder", error.Message);
    }

    [Fact]
    public void A_call_that_nobody_awaits_is_found()
    {
        Replay run = Start(context =>
        {
            _ = context.CallActivityAsync("Pay");
            return context.CallActivityAsync("Ship");
        });
        run.Complete(of: new ActivityCall("Ship", null));

        Exception error = Assert.Throws<InvalidOperationException>(() => run.Output);
        Assert.StartsWith("ActivityCall { Name = Pay", error.Message);
    }

    [Fact]
    public void A_timer_that_is_open_before_the_next_generation_is_found()
    {
        Replay run = Start(context =>
        {
            _ = context.CreateTimer(TimeSpan.FromHours(1), CancellationToken.None);
            context.ContinueAsNew("next");
            return Task.CompletedTask;
        });

        Assert.Throws<InvalidOperationException>(run.StartNextGeneration);
    }

    [Fact]
    public void A_wait_for_an_event_may_remain_open()
    {
        Replay run = Start(context =>
        {
            _ = context.WaitForExternalEvent<string>("Cancellation");
            return Task.CompletedTask;
        });

        Assert.Equal("null", run.Output);
    }

    [Fact]
    public void An_output_before_the_end_is_refused()
    {
        Replay run = Start(context => context.CallActivityAsync("Pay"));

        Exception error = Assert.Throws<InvalidOperationException>(() => run.Output);
        Assert.StartsWith("The orchestration has not ended: it waits for ActivityCall { Name = Pay", error.Message);
    }

    [Fact]
    public void What_the_orchestrator_throws_is_the_failure()
    {
        Replay run = Start(_ => throw new InvalidTimeZoneException("no time"));

        Assert.Equal("no time", Assert.Throws<InvalidTimeZoneException>(() => run.Output).Message);
    }

    [Fact]
    public async Task An_orchestration_without_end_is_found()
    {
        Replay run = Replay.Start<int, string>(
            async (context, n) =>
            {
                await context.CreateTimer(TimeSpan.FromMinutes(1), CancellationToken.None);
                context.ContinueAsNew(n + 1);
                return "";
            },
            0);

        Exception error = await Assert.ThrowsAsync<InvalidOperationException>(run.RunAsync);
        Assert.Equal("The orchestration has not ended after 1000 steps.", error.Message);
    }

    // Activities.

    [Fact]
    public void Parallel_calls_are_completed_in_any_order()
    {
        ActivityCall[] calls = [new("Reserve", 'A'), new("Reserve", 'B'), new("Reserve", 'C')];
        Replay run = Replay.Start<string, string>(
            async (context, _) => string.Concat(await Task.WhenAll(
                "ABC".Select(sku => context.CallActivityAsync<string>("Reserve", sku)))),
            "input");

        Assert.Equal(calls, run.WaitsFor);
        run.Complete("2", of: calls[1]);
        Assert.Equal([calls[0], calls[2]], run.WaitsFor);
        run.Complete("3", of: calls[2]);
        run.Complete("1");
        Assert.Equal("\"123\"", run.Output);
    }

    [Fact]
    public void Which_of_several_activities_needs_to_be_said()
    {
        Replay run = Start(context => Task.WhenAll(context.CallActivityAsync("Pay"), context.CallActivityAsync("Ship")));

        Assert.Equal(
            "2 activities are open: name one with 'of'.",
            Assert.Throws<InvalidOperationException>(() => run.Complete()).Message);
        Assert.StartsWith(
            "The activity is not open: the orchestrator waits for ActivityCall { Name = Pay",
            Assert.Throws<InvalidOperationException>(() => run.Fail(of: new ActivityCall("Pack", null))).Message);
    }

    [Fact]
    public void A_pause_between_attempts_is_no_longer_than_the_policy_says()
    {
        RetryPolicy policy = new(
            4, TimeSpan.FromSeconds(5), backoffCoefficient: 3, maxRetryInterval: TimeSpan.FromSeconds(20));
        Replay run = Start(context => context.CallActivityAsync("Pay", options: TaskOptions.FromRetryPolicy(policy)));
        DateTime start = run.Now;

        run.Fail();
        Assert.Equal(start.AddSeconds(5), run.Now);
        run.Fail();
        Assert.Equal(start.AddSeconds(20), run.Now);
        run.Fail();
        Assert.Equal(start.AddSeconds(40), run.Now);
    }

    [Fact]
    public void An_activity_is_attempted_as_its_policy_says()
    {
        TaskOptions options = TaskOptions.FromRetryPolicy(
            new RetryPolicy(3, TimeSpan.FromSeconds(5), backoffCoefficient: 2));
        ActivityCall call = new("Pay", 7, new Retry(3, TimeSpan.FromSeconds(5), 2));
        Replay run = Start(context => context.CallActivityAsync("Pay", 7, options));
        DateTime start = run.Now;

        run.Fail();
        Assert.Equal([call], run.WaitsFor);
        Assert.Equal(start.AddSeconds(5), run.Now);
        run.Fail();
        Assert.Equal([call], run.WaitsFor);
        Assert.Equal(start.AddSeconds(15), run.Now);
        run.Fail("declined");

        TaskFailedException error = Assert.Throws<TaskFailedException>(() => run.Output);
        Assert.Equal("Pay", error.TaskName);
        Assert.Equal("declined", error.FailureDetails.ErrorMessage);
    }

    [Fact]
    public void An_activity_without_a_policy_is_attempted_once()
    {
        Replay run = Start(context => context.CallActivityAsync("Pay"));
        run.Fail();

        Assert.Throws<TaskFailedException>(() => run.Output);
    }

    [Fact]
    public void A_timer_that_is_due_before_the_next_attempt_fires_first()
    {
        List<string> order = [];
        Replay run = Start(async context =>
        {
            order.Clear();
            Task payment = context.CallActivityAsync("Pay", options: Twice);
            await context.CreateTimer(TimeSpan.FromSeconds(2), CancellationToken.None);
            order.Add($"{context.CurrentUtcDateTime.Second}");
            await payment;
            order.Add($"{context.CurrentUtcDateTime.Second}");
        });
        run.Fail();
        run.Complete();

        Assert.Equal("null", run.Output);
        Assert.Equal(["2", "5"], order);
    }

    [Fact]
    public void Values_take_the_json_of_the_app()
    {
        Replay run = Replay.Start<OrderItem, OrderItem>(
            async (context, item) => await context.CallActivityAsync<OrderItem>("Pack", item with { Quantity = 2 }),
            new OrderItem("A-1", 1, 10));

        Assert.Equal("""{"sku":"A-1","quantity":2,"unitPrice":10}""", Assert.IsType<ActivityCall>(run.WaitsFor[0]).Input);
        run.Complete(new { sku = "B-2", quantity = 3, unitPrice = 4.5, color = "red" });
        Assert.Equal("""{"sku":"B-2","quantity":3,"unitPrice":4.5}""", run.Output);
    }

    [Fact]
    public void A_result_of_the_wrong_type_fails_the_orchestration()
    {
        Replay run = Start(context => context.CallActivityAsync<int>("Count"));
        run.Complete("many");

        Assert.Throws<JsonException>(() => run.Output);
    }

    [Fact]
    public void The_input_is_the_same_in_each_run()
    {
        Replay run = Replay.Start<List<int>, string>(
            async (context, list) =>
            {
                list.Add(1);
                await context.CallActivityAsync("Count", list.Count + context.GetInput<List<int>>()!.Count);
                return "";
            },
            []);

        Assert.Equal([new ActivityCall("Count", 1)], run.WaitsFor);
    }

    // Timers and the clock.

    [Fact]
    public void The_earliest_timer_fires_first_and_moves_the_clock()
    {
        Replay run = Start(context => Task.WhenAll(
            context.CreateTimer(TimeSpan.FromHours(2), CancellationToken.None),
            context.CreateTimer(TimeSpan.FromHours(1), CancellationToken.None)));
        DateTime start = run.Now;
        Assert.Equal([new DurableTimer(start.AddHours(2)), new DurableTimer(start.AddHours(1))], run.WaitsFor);

        run.FireTimer();
        Assert.Equal(start.AddHours(1), run.Now);
        run.FireTimer();
        Assert.Equal(start.AddHours(2), run.Now);
        Assert.Equal("No timer is open.", Assert.Throws<InvalidOperationException>(run.FireTimer).Message);
    }

    [Fact]
    public void A_timer_that_is_late_does_not_turn_the_clock_back()
    {
        Replay run = Start(context => context.CreateTimer(TimeSpan.FromHours(1), CancellationToken.None));
        run.Now = run.Now.AddHours(3);
        DateTime late = run.Now;
        run.FireTimer();

        Assert.Equal(late, run.Now);
    }

    [Fact]
    public void The_orchestrator_sees_the_time_of_each_event()
    {
        Replay run = Replay.Start<string, string>(
            async (context, _) =>
            {
                DateTime start = context.CurrentUtcDateTime;
                await context.CallActivityAsync("Pay");
                return $"{context.CurrentUtcDateTime - start}";
            },
            "input");
        run.Now = run.Now.AddMinutes(5);
        run.Complete();

        Assert.Equal("\"00:05:00\"", run.Output);
    }

    [Fact]
    public void A_cancelled_timer_is_open_no_longer()
    {
        Replay run = Start(async context =>
        {
            using CancellationTokenSource timeout = new();
            Task timer = context.CreateTimer(TimeSpan.FromHours(1), timeout.Token);
            timeout.Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => timer);
        });

        Assert.Equal("null", run.Output);
    }

    // Events.

    [Fact]
    public void An_early_event_is_kept_and_case_is_ignored()
    {
        Replay run = Replay.Start<string, string>(
            async (context, _) =>
            {
                await context.CallActivityAsync("Pay");
                string first = await context.WaitForExternalEvent<string>("Approval");
                return first + await context.WaitForExternalEvent<string>("approval");
            },
            "input");
        run.RaiseEvent("approval", "a");
        run.RaiseEvent("Other", "b");
        run.Complete();
        run.RaiseEvent("Approval", "c");

        Assert.Equal("\"ac\"", run.Output);
    }

    [Fact]
    public void Several_early_events_are_taken_in_order()
    {
        Replay run = Replay.Start<string, string>(
            async (context, _) =>
            {
                await context.CallActivityAsync("Pay");
                return await context.WaitForExternalEvent<string>("Approval");
            },
            "input");
        run.RaiseEvent("Approval", "first");
        run.RaiseEvent("Approval", "second");
        run.Complete();

        Assert.Equal("\"first\"", run.Output);
    }

    [Fact]
    public void The_newest_wait_gets_the_event_even_when_it_was_cancelled()
    {
        Replay run = Replay.Start<string, string>(
            async (context, _) =>
            {
                using CancellationTokenSource impatience = new();
                Task<string> first = context.WaitForExternalEvent<string>("Approval");
                Task<string> second = context.WaitForExternalEvent<string>("Approval", impatience.Token);
                impatience.Cancel();
                return await first + second.Status;
            },
            "input");
        run.RaiseEvent("Approval", "lost");
        Assert.Equal([new ExternalEvent("Approval")], run.WaitsFor);
        run.RaiseEvent("Approval", "taken");

        Assert.Equal("\"takenCanceled\"", run.Output);
    }

    [Theory]
    [InlineData(true, "\"yes\"")]
    [InlineData(false, "\"timeout\"")]
    public void A_wait_with_a_timeout_has_two_outcomes(bool isRaised, string output)
    {
        Replay run = Replay.Start<string, string>(
            async (context, _) =>
            {
                try
                {
                    return await context.WaitForExternalEvent<string>("Approval", TimeSpan.FromHours(1));
                }
                catch (OperationCanceledException)
                {
                    return "timeout";
                }
            },
            "input");
        if (isRaised)
        {
            run.RaiseEvent("Approval", "yes");
        }
        else
        {
            run.FireTimer();
        }

        Assert.Equal(output, run.Output);
    }

    [Fact]
    public void An_event_after_the_end_is_lost()
    {
        Replay run = Start(context => context.CallActivityAsync("Pay"));
        run.Complete();
        run.RaiseEvent("Approval", "late");

        Assert.Equal("null", run.Output);
    }

    // Generations, custom status, signals.

    [Theory]
    [InlineData(true, "1: early")]
    [InlineData(false, null)]
    public void The_next_generation_gets_the_events_that_nobody_took(bool keepsEvents, string? status)
    {
        Replay run = Replay.Start<int, string>(
            async (context, generation) =>
            {
                if (generation == 0)
                {
                    await context.CallActivityAsync("Pay");
                    context.ContinueAsNew(1, keepsEvents);
                    return "";
                }

                context.SetCustomStatus($"{generation}: {await context.WaitForExternalEvent<string>("Approval")}");
                return "done";
            },
            0);
        run.RaiseEvent("Approval", "early");
        run.Complete();
        Assert.Equal("1", run.ContinuedAsNew);
        Assert.Throws<InvalidOperationException>(() => run.Output);
        run.StartNextGeneration();

        Assert.Equal(status, run.CustomStatus);
        Assert.Null(run.ContinuedAsNew);
    }

    [Fact]
    public void The_next_generation_waits_for_the_end_of_this_one()
    {
        Replay run = Start(async context =>
        {
            context.ContinueAsNew("next");
            await context.CallActivityAsync("Pay");
        });
        Assert.Null(run.ContinuedAsNew);
        run.Complete();

        Assert.Equal("\"next\"", run.ContinuedAsNew);
    }

    [Fact]
    public void Only_an_orchestration_that_continues_as_new_has_a_next_generation()
    {
        Replay run = Start(_ => Task.CompletedTask);

        Assert.Null(run.ContinuedAsNew);
        Assert.Throws<InvalidOperationException>(run.StartNextGeneration);
    }

    [Fact]
    public void Each_generation_has_other_ids()
    {
        HashSet<string> ids = [];
        Replay run = Replay.Start<int, string>(
            (context, generation) =>
            {
                context.SetCustomStatus($"{context.NewGuid()} {context.NewGuid()}");
                context.ContinueAsNew(generation + 1);
                return Task.FromResult("");
            },
            0);
        ids.UnionWith(run.CustomStatus!.Split(' '));
        run.StartNextGeneration();
        ids.UnionWith(run.CustomStatus!.Split(' '));

        Assert.Equal(4, ids.Count);
    }

    [Fact]
    public void The_custom_status_is_the_last_one()
    {
        Replay run = Start(async context =>
        {
            context.SetCustomStatus("waiting");
            await context.CallActivityAsync("Pay");
            context.SetCustomStatus(new OrderItem("A-1", 1, 2));
            await context.CallActivityAsync("Ship");
            context.SetCustomStatus(null);
        });

        Assert.Equal("waiting", run.CustomStatus);
        run.Complete();
        Assert.Equal("""{"sku":"A-1","quantity":1,"unitPrice":2}""", run.CustomStatus);
        run.Complete();
        Assert.Null(run.CustomStatus);
    }

    [Fact]
    public void Signals_are_kept_in_order()
    {
        Replay run = Start(async context =>
        {
            await context.Entities.SignalEntityAsync(new EntityInstanceId("Sales", "A-1"), "add", 2);
            await context.Entities.SignalEntityAsync(new EntityInstanceId("Sales", "b"), "reset");
        });

        Assert.Equal([new Signal("Sales", "A-1", "add", 2), new Signal("Sales", "b", "reset", null)], run.Signals);
        Assert.Equal(
            "Signal { Entity = sales, Key = A-1, Operation = add, Input = 2 }", run.Signals[0].ToString());
    }

    [Fact]
    public void The_orchestrator_has_a_logger()
    {
        Replay run = Start(async context =>
        {
            ILogger logger = context.CreateReplaySafeLogger(nameof(ReplayHelperTests));
            await context.CallActivityAsync(context.Name, logger.IsEnabled(LogLevel.Critical));
        });

        Assert.IsType<ActivityCall>(Assert.Single(run.WaitsFor));
    }

    // The activities of the app.

    [Fact]
    public async Task The_activities_of_the_app_run_with_their_retries()
    {
        Replay run = Replay.Start<Order, string?>(
            async (context, order) =>
            {
                try
                {
                    await context.CallActivityAsync(nameof(OrderActivities.ProcessPayment), order, Twice);
                }
                catch (TaskFailedException e)
                {
                    return e.FailureDetails.ErrorMessage;
                }

                return await context.CallActivityAsync<string?>(nameof(OrderActivities.ValidateOrder), order);
            },
            new Order("order-1001", [], 20_000));
        DateTime start = run.Now;

        Assert.Equal("\"The payment provider refuses totals above 10000.\"", await run.RunAsync());
        Assert.Equal(start.AddSeconds(5), run.Now);
    }

    [Fact]
    public async Task An_activity_that_the_app_does_not_have_is_found()
    {
        Replay run = Start(context => context.CallActivityAsync("ShiporderTypo"));

        Exception error = await Assert.ThrowsAsync<InvalidOperationException>(run.RunAsync);
        Assert.Equal("The app has no activity ShiporderTypo.", error.Message);
    }

    [Fact]
    public async Task A_wait_for_an_event_needs_the_event()
    {
        Replay run = Start(context => context.WaitForExternalEvent<string>("Approval"));

        Exception error = await Assert.ThrowsAsync<InvalidOperationException>(run.RunAsync);
        Assert.Contains("it waits for ExternalEvent { Name = Approval }", error.Message);
    }

    // What it does not support.

    [Theory]
    [InlineData("CallSubOrchestratorAsync")]
    [InlineData("SendEvent")]
    [InlineData("CallEntityAsync")]
    [InlineData("LockEntitiesAsync")]
    [InlineData("InCriticalSection")]
    [InlineData("SignalEntityOptions")]
    [InlineData("TaskOptions.FromRetryHandler")]
    public void A_member_without_support_is_named(string member)
    {
        EntityInstanceId entity = new("Sales", "A-1");
        Replay run = Start(async context =>
        {
            switch (member)
            {
                case "CallSubOrchestratorAsync":
                    await context.CallSubOrchestratorAsync("Other");
                    break;
                case "SendEvent":
                    context.SendEvent("instance-2", "Approval", "yes");
                    break;
                case "CallEntityAsync":
                    await context.Entities.CallEntityAsync<int>(entity, "get");
                    break;
                case "LockEntitiesAsync":
                    await context.Entities.LockEntitiesAsync(entity);
                    break;
                case "InCriticalSection":
                    context.Entities.InCriticalSection();
                    break;
                case "SignalEntityOptions":
                    await context.Entities.SignalEntityAsync(entity, "add", new SignalEntityOptions());
                    break;
                default:
                    await context.CallActivityAsync("Pay", options: TaskOptions.FromRetryHandler(_ => true));
                    break;
            }
        });

        Exception error = Assert.Throws<NotSupportedException>(() => run.Output);
        Assert.Equal($"Replay does not support {member}.", error.Message);
    }

    private static void CheckFound(string message, Func<TaskOrchestrationContext, int, Task> orchestrator)
    {
        int runs = 0;

        Exception error = Assert.Throws<NonDeterministicOrchestratorException>(
            () => Start(context => orchestrator(context, runs++)));
        Assert.StartsWith(message, error.Message);
    }

    private static void CheckNotDurable(Func<TaskOrchestrationContext, Task> orchestrator)
    {
        Exception error = Assert.Throws<NonDeterministicOrchestratorException>(() => Start(orchestrator));
        Assert.StartsWith("The orchestrator awaits something that is not durable.", error.Message);
    }

    private static Replay Start(Func<TaskOrchestrationContext, Task> orchestrator) => Replay.Start<string, string?>(
        async (context, _) =>
        {
            await orchestrator(context);
            return null;
        },
        "input");
}
