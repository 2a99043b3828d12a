// Activities that fail and are retried.

const df = require('durable-functions');

df.app.orchestration('retried', function* (context) {
    try {
        return yield context.df.callActivityWithRetry('flaky', new df.RetryOptions(5000, 3), 1);
    } catch (error) {
        return error.message.includes('out of order') ? 'gave up' : error.message;
    }
});

df.app.orchestration('mixed', function* (context) {
    const results = yield context.df.Task.all([
        context.df.callActivityWithRetry('flaky', new df.RetryOptions(5000, 3), 0),
        context.df.callActivity('double', 4),
        context.df.callActivityWithRetry('flaky', new df.RetryOptions(1000, 3), 0),
    ]);
    const last = yield context.df.callActivity('echo', 'last');
    return [results, last];
});

df.app.orchestration('growing', function* (context) {
    const options = new df.RetryOptions(1000, 4);
    options.backoffCoefficient = 2;
    options.maxRetryIntervalInMilliseconds = 3000;
    try {
        yield context.df.callActivityWithRetry('flaky', options, 1);
    } catch {
        return 'gave up';
    }
});

df.app.activity('flaky', {
    handler: (value) => {
        if (value) {
            throw new Error('out of order');
        }
        return 'fine';
    },
});
