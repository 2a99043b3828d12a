// The Azure resources of this project. No key is used{% if cookiecutter.hosting_plan == "premium" %}, but the one that Elastic Premium needs for its content share{% endif %}.

targetScope = 'resourceGroup'

@description('Name of the azd environment; azd finds the resources by it.')
@minLength(1)
@maxLength(64)
param environmentName string

// These regions are known to offer the Durable Task Scheduler. You can add others that this command lists:
// az provider show --namespace Microsoft.DurableTask --query "resourceTypes[?resourceType=='schedulers'].locations | [0]"
@description('Region of all resources: one that offers the Durable Task Scheduler.')
@allowed([
{% for region in (cookiecutter._scheduler_regions + [cookiecutter.azure_location]) | unique | sort %}
  '{{ region }}'
{% endfor %}
])
@metadata({ azd: { type: 'location', default: '{{ cookiecutter.azure_location }}' } })
param location string

@description('Prefix of the names.')
@minLength(3)
@maxLength(32)
param projectName string

@description('Name of the task hub.')
@minLength(3)
@maxLength(64)
param taskHubName string

@description('Addresses in CIDR notation that may reach the scheduler. Callers need a role of the task hub in any case.')
@minLength(1)
param ipAllowlist string[] = ['0.0.0.0/0']

@description('Object id of the person who can manage orchestrations in the dashboard; empty for nobody.')
param principalId string = ''

@description('What the object id belongs to.')
@allowed(['User', 'ServicePrincipal', 'Group'])
param principalType string = 'User'
{% if cookiecutter.deploy_auth == "oidc" %}

@description('GitHub repository, as owner/name, whose environment "production" may deploy the app; empty for none.')
param githubRepository string = ''

@description('How the subject of its tokens starts, when ids are a part of it: repo:owner@id/name@id. Empty for the names only.')
param githubSubjectPrefix string = ''
{% endif %}

var suffix = substring(uniqueString(resourceGroup().id), 0, 6)
var appName = replace('${take(projectName, 25)}-${suffix}', '--', '-')
var storageName = 'st${take(replace(projectName, '-', ''), 16)}${suffix}'
var tags = { 'azd-env-name': environmentName }
{% if cookiecutter.hosting_plan == "flex-consumption" %}
var packageContainerName = 'app-package'
{% endif %}

func role(id string) string => subscriptionResourceId('Microsoft.Authorization/roleDefinitions', id)

// Built-in roles: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
var roles = {
  durableTaskDataContributor: role('0ad04412-c4d5-4796-b79c-f76d14c8d402')
  monitoringMetricsPublisher: role('3913510d-42f4-4e42-8a64-420c390055eb')
  storageBlobDataOwner: role('b7e6dc6d-f1e8-4753-8033-0f276bb0955b')
{% if cookiecutter.deploy_auth == "oidc" %}
  websiteContributor: role('de139f84-1756-47ae-9be6-808fbbe84772')
{% endif %}
}

resource scheduler 'Microsoft.DurableTask/schedulers@2026-02-01' = {
  name: projectName
  location: location
  tags: tags
  properties: {
    ipAllowlist: ipAllowlist
    sku: {
{% if cookiecutter.scheduler_sku == "dedicated" %}
      name: 'Dedicated'
      capacity: 1
{% else %}
      name: 'Consumption'
{% endif %}
    }
  }

  resource taskHub 'taskHubs' = {
    name: taskHubName
  }
}

{% if cookiecutter.hosting_plan == "premium" %}
// Elastic Premium keeps its content on a file share, which it can reach with a key only.
{% endif %}
resource storage 'Microsoft.Storage/storageAccounts@2026-06-01' = {
  name: storageName
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    allowBlobPublicAccess: false
    allowSharedKeyAccess: {{ "true" if cookiecutter.hosting_plan == "premium" else "false" }}
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }
{% if cookiecutter.hosting_plan == "premium" %}

  resource files 'fileServices' = {
    name: 'default'

    resource content 'shares' = {
      name: appName
    }
  }
{% elif cookiecutter.hosting_plan == "flex-consumption" %}

  resource blobs 'blobServices' = {
    name: 'default'

    resource packages 'containers' = {
      name: packageContainerName
    }
  }
{% endif %}
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2026-03-01' = {
  name: 'log-${projectName}'
  location: location
  tags: tags
  properties: {
    retentionInDays: 30
    sku: { name: 'PerGB2018' }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${projectName}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    DisableLocalAuth: true
    WorkspaceResourceId: workspace.id
  }
}
{% if cookiecutter.identity == "user-assigned" %}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-${projectName}'
  location: location
  tags: tags
}
{% endif %}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: 'plan-${projectName}'
  location: location
  tags: tags
{% if cookiecutter.hosting_plan == "flex-consumption" %}
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
{% elif cookiecutter.hosting_plan == "premium" %}
  kind: 'elastic'
  sku: { name: 'EP1', tier: 'ElasticPremium' }
{% else %}
  kind: 'linux'
  sku: { name: 'P0V3', tier: 'Premium0V3' }
{% endif %}
{% if cookiecutter.hosting_plan == "premium" %}
  properties: { maximumElasticWorkerCount: 20, reserved: true }
{% else %}
  properties: { reserved: true }
{% endif %}
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: appName
  location: location
  tags: union(tags, { 'azd-service-name': 'app' })
  kind: 'functionapp,linux'
  identity: {
{% if cookiecutter.identity == "user-assigned" %}
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
{% else %}
    type: 'SystemAssigned'
{% endif %}
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
{% if cookiecutter.hosting_plan == "flex-consumption" %}
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}${packageContainerName}'
          authentication: {
{% if cookiecutter.identity == "user-assigned" %}
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identity.id
{% else %}
            type: 'SystemAssignedIdentity'
{% endif %}
          }
        }
      }
      runtime: { name: '{{ cookiecutter.__worker_runtime }}', version: '{{ cookiecutter.__runtime_version }}' }
      scaleAndConcurrency: { instanceMemoryMB: 2048, maximumInstanceCount: 100 }
    }
{% endif %}
{% if cookiecutter.hosting_plan == "flex-consumption" %}
    // Flex Consumption has no FTP, and refuses a site that names ftpsState.
    siteConfig: { minTlsVersion: '1.2' }
{% else %}
    siteConfig: {
{% if cookiecutter.hosting_plan == "app-service" %}
      alwaysOn: true
{% else %}
      functionsRuntimeScaleMonitoringEnabled: true
{% endif %}
      ftpsState: 'Disabled'
      linuxFxVersion: '{{ cookiecutter.__worker_runtime | upper }}|{{ cookiecutter.__runtime_version }}'
      minTlsVersion: '1.2'
    }
{% endif %}
  }
{% if cookiecutter.hosting_plan == "flex-consumption" %}
  dependsOn: [storage::blobs::packages]
{% endif %}

  resource settings 'config' = {
    name: 'appsettings'
    properties: {
      TASKHUB_NAME: scheduler::taskHub.name
      AzureWebJobsStorage__accountName: storage.name
      APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
{% if cookiecutter.identity == "user-assigned" %}
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identity.properties.clientId
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'
      DURABLE_TASK_SCHEDULER_CONNECTION_STRING: 'Endpoint=${scheduler.properties.endpoint};Authentication=ManagedIdentity;ClientID=${identity.properties.clientId}'
{% else %}
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'Authorization=AAD'
      DURABLE_TASK_SCHEDULER_CONNECTION_STRING: 'Endpoint=${scheduler.properties.endpoint};Authentication=ManagedIdentity'
{% endif %}
{% if cookiecutter.hosting_plan != "flex-consumption" %}
      FUNCTIONS_EXTENSION_VERSION: '~4'
      FUNCTIONS_WORKER_RUNTIME: '{{ cookiecutter.__worker_runtime }}'
      WEBSITE_RUN_FROM_PACKAGE: '1'
{% endif %}
{% if cookiecutter.hosting_plan == "premium" %}
      WEBSITE_CONTENTAZUREFILECONNECTIONSTRING: 'DefaultEndpointsProtocol=https;AccountName=${storage.name};AccountKey=${storage.listKeys().keys[0].value};EndpointSuffix=${environment().suffixes.storage}'
      WEBSITE_CONTENTSHARE: storage::files::content.name
{% endif %}
    }
    // The app restarts with its settings, so its roles come first.
    dependsOn: [appToTaskHub, appToStorage, appToInsights]
  }

  resource publishWithPassword 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: {{ "true" if cookiecutter.deploy_auth == "publish-profile" else "false" }} }
  }

  resource ftpWithPassword 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }
}
{% set principal = "identity.properties.principalId" if cookiecutter.identity == "user-assigned" else "app.identity.principalId" %}
{% set subject = "identity.id" if cookiecutter.identity == "user-assigned" else "app.id" %}

resource appToTaskHub 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(scheduler::taskHub.id, {{ subject }}, roles.durableTaskDataContributor)
  scope: scheduler::taskHub
  properties: {
    principalId: {{ principal }}
    principalType: 'ServicePrincipal'
    roleDefinitionId: roles.durableTaskDataContributor
  }
}

resource appToStorage 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage.id, {{ subject }}, roles.storageBlobDataOwner)
  scope: storage
  properties: {
    principalId: {{ principal }}
    principalType: 'ServicePrincipal'
    roleDefinitionId: roles.storageBlobDataOwner
  }
}

resource appToInsights 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, {{ subject }}, roles.monitoringMetricsPublisher)
  scope: insights
  properties: {
    principalId: {{ principal }}
    principalType: 'ServicePrincipal'
    roleDefinitionId: roles.monitoringMetricsPublisher
  }
}

resource personToTaskHub 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(principalId)) {
  name: guid(scheduler::taskHub.id, principalId, roles.durableTaskDataContributor)
  scope: scheduler::taskHub
  properties: {
    principalId: principalId
    principalType: principalType
    roleDefinitionId: roles.durableTaskDataContributor
  }
}
{% if cookiecutter.deploy_auth == "oidc" %}

resource deployIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = if (!empty(githubRepository)) {
  name: 'id-${projectName}-deploy'
  location: location
  tags: tags

  resource github 'federatedIdentityCredentials' = {
    name: 'github-production'
    properties: {
      audiences: ['api://AzureADTokenExchange']
      issuer: 'https://token.actions.githubusercontent.com'
      subject: '${empty(githubSubjectPrefix) ? 'repo:${githubRepository}' : githubSubjectPrefix}:environment:production'
    }
  }
}

resource deployIdentityToApp 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(githubRepository)) {
  name: guid(app.id, deployIdentity.id, roles.websiteContributor)
  scope: app
  properties: {
    principalId: deployIdentity!.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: roles.websiteContributor
  }
}
{% endif %}

// For C#, azd writes these as user secrets, which the local host reads as app settings: no name is that of an app setting.
output AZURE_LOCATION string = location
output AZURE_TENANT_ID string = tenant().tenantId
output AZURE_FUNCTIONAPP_NAME string = app.name
output APP_URL string = 'https://${app.properties.defaultHostName}'
output DASHBOARD_URL string = scheduler::taskHub.properties.dashboardUrl
output SCHEDULER_ENDPOINT string = scheduler.properties.endpoint
output TASK_HUB_NAME string = scheduler::taskHub.name
{% if cookiecutter.deploy_auth == "oidc" %}
output DEPLOY_CLIENT_ID string = empty(githubRepository) ? '' : deployIdentity!.properties.clientId
{% endif %}
