"""Command sequences that are known to be right, for the tests of the stand-in.

They show each path to a running app without keys: hosting plan and kind of identity, and the deploy
identity for GitHub. Real scripts do more: they check what they read, retry and explain.
"""

START = r"""
set -euo pipefail
RG=rg-shop LOC=centralus SA=stshop123456 WS=log-shop AI=appi-shop SCHED=dts-shop HUB=default
ID=id-shop APP=func-shop-123456 PLAN=plan-shop
missing() { local code=0; "$@" -o none 2>/dev/null || code=$?; [ "$code" -eq 3 ]; }

az account show -o none
az extension add --name durabletask --upgrade --only-show-errors
az extension add --name application-insights --upgrade --only-show-errors
az provider register --namespace Microsoft.DurableTask --wait
az group create --name "$RG" --location "$LOC" -o none
az storage account create --name "$SA" --resource-group "$RG" --location "$LOC" \
    --sku Standard_LRS --min-tls-version TLS1_2 --allow-blob-public-access false \
    --allow-shared-key-access {keys} -o none
SA_ID=$(az storage account show --name "$SA" --resource-group "$RG" --query id -o tsv)
az monitor log-analytics workspace create --resource-group "$RG" --workspace-name "$WS" \
    --location "$LOC" -o none
WS_ID=$(az monitor log-analytics workspace show --resource-group "$RG" --workspace-name "$WS" \
    --query id -o tsv)
az monitor app-insights component create --app "$AI" --resource-group "$RG" --location "$LOC" \
    --workspace "$WS_ID" -o none
AI_ID=$(az monitor app-insights component show --app "$AI" --resource-group "$RG" \
    --query id -o tsv)
if missing az durabletask scheduler show --resource-group "$RG" --name "$SCHED"; then
    az durabletask scheduler create --resource-group "$RG" --name "$SCHED" --location "$LOC" \
        --sku-name {sku} --ip-allowlist 0.0.0.0/0 -o none
fi
az durabletask taskhub create --resource-group "$RG" --scheduler-name "$SCHED" --name "$HUB" -o none
SCHED_ID=$(az durabletask scheduler show --resource-group "$RG" --name "$SCHED" --query id -o tsv)
ENDPOINT=$(az durabletask scheduler show --resource-group "$RG" --name "$SCHED" \
    --query properties.endpoint -o tsv)
"""

USER_ASSIGNED = r"""
az identity create --name "$ID" --resource-group "$RG" --location "$LOC" -o none
ID_RES=$(az identity show --name "$ID" --resource-group "$RG" --query id -o tsv)
PRINCIPAL=$(az identity show --name "$ID" --resource-group "$RG" --query principalId -o tsv)
CLIENT=$(az identity show --name "$ID" --resource-group "$RG" --query clientId -o tsv)
IDENTITY=$ID_RES STORAGE=(--deployment-storage-auth-type UserAssignedIdentity
    --deployment-storage-auth-value "$ID_RES")
"""

SYSTEM_ASSIGNED = r"""
IDENTITY='[system]' STORAGE=(--deployment-storage-auth-type SystemAssignedIdentity)
"""

PRINCIPAL = r"""
PRINCIPAL=$(az functionapp identity show --resource-group "$RG" --name "$APP" \
    --query principalId -o tsv)
"""

ROLES = r"""
grant() {
    az role assignment create --assignee-object-id "$PRINCIPAL" \
        --assignee-principal-type ServicePrincipal --role "$1" --scope "$2" -o none
}
grant "Storage Blob Data Owner" "$SA_ID"
grant "Durable Task Data Contributor" "$SCHED_ID/taskHubs/$HUB"
grant "Monitoring Metrics Publisher" "$AI_ID"
"""

APPS = {
    "flex": r"""
if missing az functionapp show --resource-group "$RG" --name "$APP"; then
    az functionapp create --resource-group "$RG" --name "$APP" --flexconsumption-location "$LOC" \
        --runtime python --runtime-version 3.13 --storage-account "$SA" \
        --assign-identity "$IDENTITY" --app-insights "$AI" --https-only true "${STORAGE[@]}" -o none
fi
""",
    "dedicated": r"""
az functionapp plan create --resource-group "$RG" --name "$PLAN" --location "$LOC" --sku P0V3 \
    --is-linux true -o none
if missing az functionapp show --resource-group "$RG" --name "$APP"; then
    az functionapp create --resource-group "$RG" --name "$APP" --plan "$PLAN" --os-type Linux \
        --functions-version 4 --runtime python --runtime-version 3.13 --storage-account "$SA" \
        --assign-identity "$IDENTITY" --app-insights "$AI" --https-only true -o none
fi
az functionapp config set --resource-group "$RG" --name "$APP" --always-on true \
    --min-tls-version 1.2 --ftps-state Disabled -o none
""",
    "premium": r"""
az functionapp plan create --resource-group "$RG" --name "$PLAN" --location "$LOC" --sku EP1 \
    --is-linux true --min-instances 1 --max-burst 3 -o none
if missing az functionapp show --resource-group "$RG" --name "$APP"; then
    az functionapp create --resource-group "$RG" --name "$APP" --plan "$PLAN" --os-type Linux \
        --functions-version 4 --runtime python --runtime-version 3.13 --storage-account "$SA" \
        --assign-identity "$IDENTITY" --app-insights "$AI" --https-only true -o none
fi
az resource update --resource-group "$RG" --name "$APP/config/web" \
    --resource-type Microsoft.Web/sites \
    --set properties.functionsRuntimeScaleMonitoringEnabled=1 -o none
""",
}

USER_ASSIGNED_SETTINGS = r"""
az functionapp config appsettings set --resource-group "$RG" --name "$APP" -o none --settings \
    "AzureWebJobsStorage__accountName=$SA" AzureWebJobsStorage__credential=managedidentity \
    "AzureWebJobsStorage__clientId=$CLIENT" \
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING=ClientId=$CLIENT;Authorization=AAD" \
    "DURABLE_TASK_SCHEDULER_CONNECTION_STRING=Endpoint=$ENDPOINT;Authentication=ManagedIdentity;\
ClientID=$CLIENT" "TASKHUB_NAME=$HUB"
"""

SYSTEM_ASSIGNED_SETTINGS = r"""
az functionapp config appsettings set --resource-group "$RG" --name "$APP" -o none --settings \
    "AzureWebJobsStorage__accountName=$SA" \
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING=Authorization=AAD \
    "DURABLE_TASK_SCHEDULER_CONNECTION_STRING=Endpoint=$ENDPOINT;Authentication=ManagedIdentity" \
    "TASKHUB_NAME=$HUB"
"""

END = r"""
az functionapp config appsettings delete --resource-group "$RG" --name "$APP" \
    --setting-names AzureWebJobsStorage AzureWebJobsDashboard -o none
az functionapp restart --resource-group "$RG" --name "$APP"
az functionapp deployment source config-zip --resource-group "$RG" --name "$APP" --src app.zip \
    --build-remote true -o none
"""

OIDC = r"""
DEPLOY_ID=id-shop-deploy REPO=contoso/shop
az identity create --name "$DEPLOY_ID" --resource-group "$RG" --location "$LOC" -o none
az identity federated-credential create --name github-production --identity-name "$DEPLOY_ID" \
    --resource-group "$RG" --issuer https://token.actions.githubusercontent.com \
    --subject "repo:$REPO:environment:production" --audiences api://AzureADTokenExchange -o none
DEPLOY_PRINCIPAL=$(az identity show --name "$DEPLOY_ID" --resource-group "$RG" \
    --query principalId -o tsv)
APP_ID=$(az functionapp show --resource-group "$RG" --name "$APP" --query id -o tsv)
az role assignment create --assignee-object-id "$DEPLOY_PRINCIPAL" \
    --assignee-principal-type ServicePrincipal --role "Website Contributor" --scope "$APP_ID" \
    -o none
"""


def provisioning(plan: str, identity: str, sku: str = "Consumption", oidc: bool = False) -> str:
    """Return the bash script for one variant: plan flex, dedicated or premium."""
    keys = "true" if plan == "premium" else "false"
    sku += " --sku-capacity 1" if sku == "Dedicated" else ""
    start = START.replace("{keys}", keys).replace("{sku}", sku)
    if identity == "user-assigned":
        parts = [start, USER_ASSIGNED, ROLES, APPS[plan], USER_ASSIGNED_SETTINGS, END]
    else:
        parts = [
            start,
            SYSTEM_ASSIGNED,
            APPS[plan],
            PRINCIPAL,
            ROLES,
            SYSTEM_ASSIGNED_SETTINGS,
            END,
        ]
    return "".join(parts) + (OIDC if oidc else "")
