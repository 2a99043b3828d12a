"""What is recorded although a call succeeds: habits that break scripts later.

A finding is `{"kind", "text"}` in the record of a call. Its kinds:
"""

KINDS = {
    "empty-query": "`--query` found nothing: the script gets an empty text and exit code 0",
    "open-stdin": "the call can wait for input: standard input is open",
    "deprecated": "the Azure CLI warns that something ends or goes",
    "empty-part": "a setting has an empty value, or an empty part in a connection string",
    "key-in-setting": "a setting that the script writes holds a key",
    "empty-allowlist": "the scheduler denies every data-plane call",
    "shared-keys": "the storage account accepts keys",
    "assignee": "`--assignee` asks Microsoft Graph, which a pipeline may not",
    "no-principal-type": "without the type, the service looks the principal up in the directory",
    "broad-role": "the role is Owner, Contributor or User Access Administrator",
    "broad-scope": "the scope is a resource group or the subscription",
    "re-create": "the resource exists; creating it again loses settings",
    "zip-without-host": "the package has no host.json at its root",
    "zip-with-local-settings": "the package holds local.settings.json",
    "zip-without-packages": "the server does not build, and the package lacks what the app imports",
    "deploy-before-settings": "a setting that host.json names is missing",
    "deploy-with-key": "a setting of the app still holds a key",
    "role-missing": "the app's identity lacks a role that the app needs",
    "hub-missing": "the scheduler has no task hub of the name that the app uses",
    "wrong-endpoint": "the connection string does not name a scheduler's endpoint",
    "wrong-identity": "the connection string does not name the app's identity",
    "not-restarted": "the app has not been restarted since its identity got a role",
}
