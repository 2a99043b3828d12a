// Orchestrators that return the version that they see, and that of their children.

const df = require('durable-functions');

df.app.orchestration('versioned', function* (context) {
    const inherited = yield context.df.callSubOrchestrator('version_of');
    const given = yield context.df.callSubOrchestrator('version_of', undefined, undefined, '1.5');
    return [context.df.version, inherited, given];
});

df.app.orchestration('version_of', function* (context) {
    yield context.df.callActivity('echo');
    return context.df.version;
});

df.app.orchestration('versioned_generations', function* (context) {
    const generation = context.df.getInput() ?? 1;
    if (generation === 1) {
        context.df.continueAsNew(2);
        return null;
    }
    yield context.df.callActivity('echo');
    return context.df.version;
});
