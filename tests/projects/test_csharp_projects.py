"""The README commands of a generated C# project work, and its tests find seeded defects."""

import re
from pathlib import Path

import pytest

from bakery import Bakery
from csharp_changes import (
    CHANGES,
    FILES,
    HARMLESS,
    NOT_DETERMINISTIC,
    changed_project,
    differences,
    recorded_files,
)
from defects import ALL, SeededDefect, of_patterns
from installed_project import InstalledProject, pattern_of
from machine import require
from template import TEMPLATE
from workflow_change import WorkflowChange

pytestmark = pytest.mark.slow

VARIANTS = {pattern_of(variant): variant for variant in TEMPLATE.code_variants("csharp")}
REPLAY_TESTS = Path(__file__).parent / "replay" / "csharp" / "ReplayHelperTests.cs"


class InstalledDotnetProject(InstalledProject):
    """A copy of a generated C# project that was restored and built."""

    def run_tests(self, options: str = "") -> str:
        """Build what has changed and run the tests; return their output if they fail.

        The analyzers do not run: the tests must find the defects that analyzers would report.
        """
        build = "dotnet build tests --no-restore --verbosity quiet -p:RunAnalyzers=false"
        run = f"dotnet tests/bin/Debug/net10.0/Orders.Tests.dll {options}"
        return self.findings(f"{build} && {run}")


# What no pattern changes is tested in the default pattern.
once = pytest.mark.parametrize(
    "installed", [VARIANTS["function-chaining"]], ids=["function-chaining"], indirect=True
)


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the package folder that all C# projects of the session share."""
    return str(tmp_path_factory.mktemp("packages"))


@pytest.fixture(scope="module", params=VARIANTS.values(), ids=VARIANTS.keys())
def installed(
    request: pytest.FixtureRequest,
    bakery: Bakery,
    packages: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> InstalledDotnetProject:
    require("dotnet")
    return InstalledDotnetProject(
        bakery.bake(**request.param),
        tmp_path_factory.mktemp("csharp"),
        NUGET_PACKAGES=packages,
        NuGetAudit="false",  # a new advisory is not a defect of the template
        DOTNET_CLI_TELEMETRY_OPTOUT="1",
        DOTNET_NOLOGO="1",
    )


def test_the_commands_of_the_readme_pass(installed: InstalledDotnetProject) -> None:
    output = installed.readme_run.stdout + installed.readme_run.stderr
    assert installed.readme_run.returncode == 0, output
    (passed,) = re.findall(r"succeeded: (\d+)", output)
    assert int(passed) > 50
    assert "failed: 0" in output
    assert "skipped: 0" in output


@once
def test_a_build_from_scratch_has_no_warning(installed: InstalledDotnetProject) -> None:
    build = installed.run("dotnet build -warnaserror --no-incremental --no-restore")
    assert build.returncode == 0, build.stdout


@once
def test_the_tests_leave_the_project_clean_for_git(installed: InstalledDotnetProject) -> None:
    committed = installed.files_for_git()
    assert "src/local.settings.json" not in committed
    assert "src/Program.cs" in committed
    assert not [path for path in committed if {"bin", "obj"} & set(Path(path).parts)]


@once
def test_the_workflow_is_changed_as_the_document_says(installed: InstalledDotnetProject) -> None:
    change = WorkflowChange(installed.read)
    with installed.changes(change.app | change.tests):
        assert installed.run_tests() == ""


ORCHESTRATOR = "src/OrderOrchestrator.cs"
INVENTORY = "src/InventoryActivities.cs"
APPROVAL = "src/Approval.cs"
APPROVAL_HTTP = "src/ApprovalHttp.cs"
SALES = "src/Sales.cs"
SALES_HTTP = "src/SalesHttp.cs"
SHIPPING = "nameof(OrderActivities.ShipOrder), order, Retry"

COMMON = {
    "a clock in the orchestrator": SeededDefect(
        ORCHESTRATOR,
        SHIPPING,
        'nameof(OrderActivities.ShipOrder), order with { Id = $"{DateTime.UtcNow:O}" }, Retry',
        "NonDeterministicOrchestratorException",
    ),
    "a clock without fractions of a second in the orchestrator": SeededDefect(
        ORCHESTRATOR,
        SHIPPING,
        'nameof(OrderActivities.ShipOrder), order with { Id = $"{DateTime.UtcNow:s}" }, Retry',
        "NonDeterministicOrchestratorException",
    ),
    "a random id in the orchestrator": SeededDefect(
        ORCHESTRATOR,
        "nameof(OrderActivities.ValidateOrder), order",
        'nameof(OrderActivities.ValidateOrder), order with { Id = $"{Guid.NewGuid()}" }',
        "NonDeterministicOrchestratorException",
    ),
    "a wrong activity name": SeededDefect(
        ORCHESTRATOR, "nameof(OrderActivities.ShipOrder)", '"ShiporderTypo"', "ShiporderTypo"
    ),
    "fewer attempts": SeededDefect(
        ORCHESTRATOR, "maxNumberOfAttempts: 3", "maxNumberOfAttempts: 2", "Attempts = 2"
    ),
    "a longer interval": SeededDefect(
        ORCHESTRATOR, "FromSeconds(5)", "FromSeconds(50)", "00:00:50"
    ),
    "a forgotten await": SeededDefect(
        ORCHESTRATOR,
        "            await context.CallActivityAsync(nameof(OrderActivities.ShipOrder)",
        "            _ = context.CallActivityAsync(nameof(OrderActivities.ShipOrder)",
        "is still open when the orchestrator ends",
    ),
    "an await that is not durable": SeededDefect(
        ORCHESTRATOR,
        "        return OrderResult.Fulfilled(order);",
        "        await Task.Delay(1);\n        return OrderResult.Fulfilled(order);",
        "awaits something that is not durable",
    ),
    "a possible null": SeededDefect(
        ORCHESTRATOR, "if (reason is not null)", "if (reason?.Length != 0)", "CS8604"
    ),
    "a wrong orchestrator name in the starter": SeededDefect(
        "src/OrderHttp.cs", "nameof(OrderOrchestrator.ProcessOrder)", '"Process"', '"Process"'
    ),
    "another HTTP method": SeededDefect("src/OrderHttp.cs", '"post"', '"get"', '"get"'),
    "an endpoint without a key": SeededDefect(
        "src/OrderHttp.cs",
        "AuthorizationLevel.Function",
        "AuthorizationLevel.Anonymous",
        "Anonymous",
    ),
    "a missing header": SeededDefect(
        "src/OrderHttp.cs",
        '        response.Headers.Add("Retry-After", "10");\n',
        "",
        "A_good_order_is_started",
    ),
    "a start that is not logged": SeededDefect(
        "src/OrderHttp.cs", "Started instance {InstanceId}", "Started", "Started instance"
    ),
    "characters that count as two": SeededDefect(
        "src/RequestBody.cs", "name.EnumerateRunes().Count()", "name.Length", "outside the basic"
    ),
    "blank as .NET defines it": SeededDefect(
        "src/RequestBody.cs",
        "!IsBlank(name)",
        "!string.IsNullOrWhiteSpace(name)",
        "separators of information",
    ),
    "the default depth of JSON": SeededDefect(
        "src/RequestBody.cs", "new() { MaxDepth = 128 }", "new()", "nested 100 levels"
    ),
    "a wider rule": SeededDefect(
        "src/OrderParser.cs", "[A-Za-z0-9._-]{1,64}", "[A-Za-z0-9._/-]{1,64}", "sku has a slash"
    ),
    "another message": SeededDefect(
        "src/OrderParser.cs", "must be a number", "must be numeric", "must be numeric"
    ),
    "a function with another name than its method": SeededDefect(
        "src/OrderActivities.cs", "Function(nameof(ShipOrder))", 'Function("Ship")', '"Ship"'
    ),
    "a rule that never applies": SeededDefect(
        "src/OrderActivities.cs",
        "Items.Count: 0",
        "Items.Count: 0, Total: < 0",
        "order has no items",
    ),
    "other names in JSON": SeededDefect(
        "src/Program.cs",
        "JsonNamingPolicy.CamelCase",
        "JsonNamingPolicy.SnakeCaseLower",
        "order_id",
    ),
}


FOUND_BY_TESTS = {
    # The defects that every pattern can have are seeded once.
    "function-chaining": COMMON,
    "fan-out-fan-in": {
        "reservations one after the other": SeededDefect(
            ORCHESTRATOR,
            "Task<int>[] reservations = "
            "order.Items.Select(item => ReserveAsync(context, order, item)).ToArray();",
            "List<Task<int>> reservations = []; foreach (OrderItem item in order.Items) "
            "{ reservations.Add(ReserveAsync(context, order, item)); "
            "await Task.WhenAny(reservations[^1]); }",
            "A_good_order_is_reserved_paid_and_shipped",
        ),
        "a failure that does not wait for the others": SeededDefect(
            ORCHESTRATOR,
            "await Task.WhenAll(reservations);",
            "foreach (Task<int> reservation in reservations) { await reservation; }",
            "Other_reservations_end_before_one_that_failed_ends_the_workflow",
        ),
        "units that are not counted": SeededDefect(
            ORCHESTRATOR, "units => (long)units.Result", "units => 1L", '"reserved":3'
        ),
        "units that overflow": SeededDefect(
            ORCHESTRATOR,
            "units => (long)units.Result",
            "units => units.Result",
            "OverflowException",
        ),
        "a SKU that the reason has twice": SeededDefect(
            ORCHESTRATOR,
            ".Select(item => item.Sku)\n                .Distinct();",
            ".Select(item => item.Sku);",
            "The_reason_has_each_missing_sku_once",
        ),
        "a reservation without attempts": SeededDefect(
            ORCHESTRATOR,
            "new Reservation(order.Id, item), Retry",
            "new Reservation(order.Id, item)",
            "Each_reservation_may_fail_twice",
        ),
        "a SKU that is never sold out": SeededDefect(
            INVENTORY, '"SOLD-OUT"', '"SOLD OUT"', "A_sku_that_is_sold_out_is_refused"
        ),
    },
    "human-interaction": {
        "a timer that nobody cancels": SeededDefect(
            ORCHESTRATOR,
            "            approval = Approval.FromEvent(",
            "            _ = context.CreateTimer(ApprovalTimeout, CancellationToken.None);\n"
            "            approval = Approval.FromEvent(",
            "is still open when the orchestrator ends",
        ),
        "a wait without an end": SeededDefect(
            ORCHESTRATOR,
            "(Approval.EventName, ApprovalTimeout)",
            "(Approval.EventName)",
            "A_large_order_waits_for_an_approval",
        ),
        "a shorter wait": SeededDefect(
            ORCHESTRATOR, "FromHours(72)", "FromHours(24)", "A_large_order_waits_for_an_approval"
        ),
        "an order at the limit without an approval": SeededDefect(
            ORCHESTRATOR,
            ">= ApprovalLimit",
            "> ApprovalLimit",
            "A_large_order_waits_for_an_approval",
        ),
        "a rejection that is ignored": SeededDefect(
            ORCHESTRATOR,
            'return approval.Approved ? null : $"rejected by {approval.Approver}";',
            "return null;",
            "A_rejection_ends_the_workflow",
        ),
        "a wait that nobody sees": SeededDefect(
            ORCHESTRATOR,
            '        context.SetCustomStatus("waiting for approval");\n',
            "",
            "A_large_order_waits_for_an_approval",
        ),
        "events as objects only": SeededDefect(
            APPROVAL, "data.ToString()", "data.GetRawText()", "asText: True"
        ),
        "an end between check and event that is an error": SeededDefect(
            APPROVAL_HTTP,
            "e is not OperationCanceledException",
            "e is OperationCanceledException",
            "A_workflow_may_end_before_the_event_is_raised",
        ),
        "a wrong status code": SeededDefect(
            APPROVAL_HTTP, "HttpStatusCode.Conflict", "HttpStatusCode.Gone", "Gone"
        ),
        "a suspended workflow that takes no approval": SeededDefect(
            APPROVAL_HTTP,
            "or OrchestrationRuntimeStatus.Suspended",
            "",
            'An_approval_reaches_the_workflow(status: "Suspended")',
        ),
        "an id of an entity that is an error": SeededDefect(
            APPROVAL_HTTP,
            "catch (ArgumentException)",
            "catch (TimeoutException)",
            "An_id_that_the_client_refuses_is_not_found",
        ),
    },
    "monitor": {
        "no next generation": SeededDefect(
            ORCHESTRATOR,
            "context.ContinueAsNew(order with { Tracking = tracking with { Polls = poll } });",
            "",
            "An_order_in_transit_is_checked_again_in_the_next_generation",
        ),
        "polls that are not counted": SeededDefect(
            ORCHESTRATOR,
            "Polls = poll }",
            "Polls = tracking.Polls }",
            "An_order_in_transit_is_checked_again_in_the_next_generation",
        ),
        "a deadline that moves": SeededDefect(
            ORCHESTRATOR,
            "tracking with { Polls = poll }",
            "new Tracking(context.CurrentUtcDateTime + DeliveryTimeout, poll)",
            "All_generations_share_one_deadline",
        ),
        "a poll after the deadline": SeededDefect(
            ORCHESTRATOR,
            "if (nextPoll > ",
            "if (context.CurrentUtcDateTime > ",
            "No_check_is_after_the_deadline",
        ),
        "a custom status in the first generation only": SeededDefect(
            ORCHESTRATOR,
            "        context.SetCustomStatus(status);",
            "        if (poll == 1) { context.SetCustomStatus(status); }",
            "Each_generation_sets_the_custom_status",
        ),
        "a payment in each generation": SeededDefect(
            ORCHESTRATOR,
            "order.Tracking is null && ",
            "",
            "An_order_in_transit_is_checked_again_in_the_next_generation",
        ),
        "a timer that does not wait": SeededDefect(
            ORCHESTRATOR,
            "await context.CreateTimer(nextPoll",
            "_ = context.CreateTimer(nextPoll",
            "is still open when the orchestrator ends",
        ),
    },
    "saga": {
        "compensations in the order of the steps": SeededDefect(
            ORCHESTRATOR,
            "in compensations)",
            "in compensations.Reverse())",
            "A_shipping_that_fails_refunds_the_payment_then_releases_the_inventory",
        ),
        "a compensation without attempts": SeededDefect(
            ORCHESTRATOR,
            "compensation.Activity, order, Retry",
            "compensation.Activity, order",
            "Steps_and_compensations_may_fail_twice",
        ),
        "a compensation that fails stops the others": SeededDefect(
            ORCHESTRATOR,
            "                notCompensated.Add(compensation.Step);\n",
            "                notCompensated.Add(compensation.Step);\n                break;\n",
            "A_compensation_that_fails_does_not_stop_the_others",
        ),
        "a compensation that fails and is not reported": SeededDefect(
            ORCHESTRATOR, "notCompensated.Add(", "compensated.Add(", "All_compensations_may_fail"
        ),
        "a step that failed and is compensated": SeededDefect(
            ORCHESTRATOR,
            "await context.CallActivityAsync(nameof(OrderActivities.ProcessPayment)",
            'compensations.Push(new("payment", nameof(RefundActivities.RefundPayment)));\n'
            "await context.CallActivityAsync(nameof(OrderActivities.ProcessPayment)",
            "A_payment_that_fails_releases_the_inventory",
        ),
        "the wrong compensation": SeededDefect(
            ORCHESTRATOR,
            "nameof(InventoryActivities.ReleaseInventory)",
            "nameof(RefundActivities.RefundPayment)",
            "A_payment_that_fails_releases_the_inventory",
        ),
        "the wrong reason": SeededDefect(
            ORCHESTRATOR,
            'nameof(InventoryActivities.ReserveInventory) => "reservation failed",',
            "",
            "A_reservation_that_fails_has_nothing_to_undo",
        ),
    },
    "aggregator": {
        "a signal that is lost": SeededDefect(
            ORCHESTRATOR, "in order.Items)", "in order.Items.Skip(1))", "Key = B-2"
        ),
        "an order that counts before it is shipped": SeededDefect(
            ORCHESTRATOR,
            "try\n",
            'await context.Entities.SignalEntityAsync(Sales.Of("A-1"), nameof(Sales.Add), 2);\n'
            "try\n",
            "A_payment_that_fails_for_good_does_not_count",
        ),
        "a state that does not add up": SeededDefect(
            SALES, "State += quantity", "State = quantity", "Orders_add_up"
        ),
        "a state of 32 bits": SeededDefect(
            SALES, "TaskEntity<long>", "TaskEntity<int>", "More_units_are_counted"
        ),
        "a key in lower case": SeededDefect(
            SALES,
            "new(nameof(Sales), sku)",
            "new(nameof(Sales), sku.ToLowerInvariant())",
            "Each_sku_has_an_entity",
        ),
        "another name of the entity": SeededDefect(
            SALES, "Function(nameof(Sales))", 'Function("Sale")', '"Sale"'
        ),
        "a wrong status code": SeededDefect(
            SALES_HTTP, "HttpStatusCode.NotFound", "HttpStatusCode.NoContent", "NoContent"
        ),
        "a SKU that is not checked": SeededDefect(
            SALES_HTTP, "!OrderParser.IsSku(sku)", "sku.Length == 0", "A_malformed_sku_is_refused"
        ),
    },
}


@pytest.mark.parametrize(
    ("installed", "defect"),
    [
        pytest.param(VARIANTS[pattern], defect, id=f"{pattern}-{name}")
        for pattern, name, defect in of_patterns(FOUND_BY_TESTS)
    ],
    indirect=["installed"],
)
def test_the_projects_own_tests_find_a_seeded_defect(
    installed: InstalledDotnetProject, defect: SeededDefect
) -> None:
    with installed.seeded(defect):
        assert defect.finding in installed.run_tests()


# The weekly job changes the orchestrators of all patterns.
CHANGED = [
    pattern for pattern in VARIANTS if ALL or pattern in ("function-chaining", "human-interaction")
]


@pytest.mark.parametrize(
    ("installed", "pattern"),
    [pytest.param(VARIANTS[pattern], pattern, id=pattern) for pattern in CHANGED],
    indirect=["installed"],
)
def test_recorded_histories_find_changes_of_the_orchestrator(
    installed: InstalledDotnetProject, pattern: str
) -> None:
    histories = {
        path.name: path.read_text(encoding="utf-8")
        for path in installed.path.glob("tests/histories/*.json")
    }
    changes = CHANGES[pattern] | HARMLESS
    files = changed_project(installed.read, histories, changes)
    if attempts := histories.get("shipped-at-the-third-attempt.json"):
        files |= recorded_files(attempts)
    with installed.changes(files):
        found = differences(installed.run_tests("--filter-class Orders.Tests.HistoryTests"))
    for name, change in changes.items():
        messages = [text for file, text in found.items() if file.startswith(f"{name}, ")]
        assert bool(messages) == bool(change.finding), (name, messages)
        assert not messages or any(change.finding in message for message in messages), name
    for name, file in FILES.items() if attempts else ():
        assert bool(name in found) == bool(file.finding), (name, found.get(name))
        assert file.finding in found.get(name, ""), (name, found.get(name))
    assert not found.keys() & {Path(name).stem for name in histories}


@once
def test_what_is_not_deterministic_is_refused(installed: InstalledDotnetProject) -> None:
    changes = NOT_DETERMINISTIC | HARMLESS
    with installed.changes(changed_project(installed.read, {}, changes)):
        output = installed.run_tests("--filter-class Orders.Tests.DeterminismTests")
    found = re.findall(r"Orders\.Changed(\d+)\.OrderOrchestrator uses ([^\n]+)", output)
    reports = {int(number): report for number, report in found}
    for number, (name, change) in enumerate(changes.items()):
        report = reports.get(number, "")
        assert bool(report) == bool(change.finding), (name, output)
        assert change.finding in report, (name, report)


@once
def test_the_replay_helper_passes_its_own_tests(installed: InstalledDotnetProject) -> None:
    text = REPLAY_TESTS.read_text(encoding="utf-8")
    with installed.changes({f"tests/{REPLAY_TESTS.name}": text}):
        run = installed.run(f"dotnet test --filter-class Orders.Tests.{REPLAY_TESTS.stem}")
    assert run.returncode == 0, run.stdout
    (passed,) = re.findall(r"succeeded: (\d+)", run.stdout)
    assert int(passed) > 50


@once
def test_the_format_is_checked(installed: InstalledDotnetProject) -> None:
    indented = SeededDefect("src/Program.cs", "    public static void", "   public static void")
    with installed.seeded(indented):
        assert "WHITESPACE" in installed.findings(installed.lint)
