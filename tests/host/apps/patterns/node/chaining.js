// Chains, fan-out and sub-orchestrations, with the activities that they call.

const df = require('durable-functions');

df.app.orchestration('chaining', function* (context) {
    context.df.setCustomStatus('first');
    const first = yield context.df.callActivity('echo', context.df.getInput());
    context.df.setCustomStatus({ step: 'second' });
    const second = yield context.df.callActivity('echo', first);
    const nothing = yield context.df.callActivity('echo');
    return [second, nothing];
});

df.app.orchestration('gather', function* (context) {
    const tasks = context.df.getInput().map((n) => context.df.callActivity('double', n));
    const results = yield context.df.Task.all(tasks);
    return results.reduce((sum, n) => sum + n, 0);
});

df.app.orchestration('parent', function* (context) {
    const plain = yield context.df.callSubOrchestrator('child', { n: 1 });
    const id = context.df.instanceId + '-child';
    const named = yield context.df.callSubOrchestrator('child', 'text', id);
    try {
        yield context.df.callSubOrchestrator('child');
    } catch (error) {
        return [plain, named, error.message.includes('refused')];
    }
});

df.app.orchestration('child', function* (context) {
    const value = context.df.getInput();
    if (value === undefined || value === null) {
        throw new Error('refused');
    }
    return yield context.df.callActivity('echo', value);
});

df.app.orchestration('stranger', function* (context) {
    yield context.df.callActivity('nobody', 1);
});

df.app.orchestration('broken', function* (context) {
    yield context.df.callActivity('echo', 1);
    throw new Error('broken on purpose');
});

df.app.activity('echo', { handler: (value) => value });

df.app.activity('double', { handler: (value) => value * 2 });
