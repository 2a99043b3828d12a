// Events, timers, and orchestrators that continue as new.

const df = require('durable-functions');

const HOUR = 3600 * 1000;
const later = (context, ms) => new Date(context.df.currentUtcDateTime.getTime() + ms);

df.app.orchestration('race', function* (context) {
    const timeout = context.df.createTimer(later(context, 72 * HOUR));
    const approval = context.df.waitForExternalEvent('Approval');
    context.df.setCustomStatus('waiting');
    const winner = yield context.df.Task.any([approval, timeout]);
    if (winner === timeout) {
        return 'timed out';
    }
    if (context.df.getInput() !== 'careless') {
        timeout.cancel();
    }
    return approval.result;
});

df.app.orchestration('long_wait', function* (context) {
    const begin = context.df.currentUtcDateTime.getTime();
    yield context.df.createTimer(later(context, 240 * HOUR));
    yield context.df.callActivity('echo', 'after');
    return (context.df.currentUtcDateTime.getTime() - begin) / (24 * HOUR);
});

df.app.orchestration('counter', function* (context) {
    const { round } = context.df.getInput();
    context.df.setCustomStatus('round ' + round);
    yield context.df.createTimer(later(context, HOUR / 2));
    if (round < 3) {
        context.df.continueAsNew({ round: round + 1 });
        return;
    }
    return round;
});

df.app.orchestration('keeper', function* (context) {
    const soFar = context.df.getInput();
    if (soFar.length === 0) {
        context.df.setCustomStatus('first generation');
    }
    soFar.push(yield context.df.waitForExternalEvent('Approval'));
    yield context.df.createTimer(later(context, 1000));
    if (soFar.length < 3) {
        context.df.continueAsNew(soFar);
        return;
    }
    return soFar;
});

df.app.orchestration('collector', function* (context) {
    const soFar = context.df.getInput();
    soFar.push(yield context.df.waitForExternalEvent('Approval'));
    if (soFar.length < 3) {
        context.df.continueAsNew(soFar);
        return;
    }
    return soFar;
});

df.app.orchestration('cancelled_long_wait', function* (context) {
    const timeout = context.df.createTimer(later(context, 240 * HOUR));
    const approval = context.df.waitForExternalEvent('Approval');
    yield context.df.Task.any([approval, timeout]);
    timeout.cancel();
    return approval.result;
});
