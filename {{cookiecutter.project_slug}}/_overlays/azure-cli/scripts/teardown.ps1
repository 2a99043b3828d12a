# Deletes the resource group of this project, with everything in it.
#
# Usage: pwsh scripts/teardown.ps1
#
# Asks for the name of the resource group first; CONFIRM=<name> answers.

#Requires -Version 7.4
param([switch] $Help, [Parameter(ValueFromRemainingArguments)] [string[]] $Others)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
. (Join-Path $PSScriptRoot 'common.ps1')
Read-Argument $PSCommandPath $Help $Others
$Settings = Resolve-Setting
$group = $Settings.RESOURCE_GROUP

if (-not (Test-AzResource group show --name $group)) {
    Write-Output "The resource group $group does not exist: nothing to delete."
    exit 0
}
Write-Output "This deletes the resource group $group in subscription $($Settings.SUBSCRIPTION_ID), with all state of the workflows."
$answer = $env:CONFIRM
if (-not $answer) { $answer = Read-Host 'Type the name of the resource group to go on' }
if ($answer -cne $group) { Stop-WithMessage "Not deleted: the answer was not '$group'." }

Write-Output 'Deleting (some minutes)'
# A scheduler cannot go while it has hubs.
$schedulers = -split (Invoke-AzChecked durabletask scheduler list --resource-group $group --query '[].name' --output tsv)
foreach ($scheduler in $schedulers) {
    $hubs = -split (Invoke-AzChecked durabletask taskhub list --resource-group $group `
        --scheduler-name $scheduler --query '[].name' --output tsv)
    foreach ($hub in $hubs) {
        Invoke-AzChecked durabletask taskhub delete --resource-group $group `
            --scheduler-name $scheduler --name $hub --yes
    }
}
Invoke-AzChecked group delete --name $group --yes
Write-Output 'Deleted.'
exit 0
