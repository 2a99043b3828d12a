'use strict';

/** Running instances survive a change: the workflow still does what was recorded. */

const { test } = require('node:test');

const { replayRecording } = require('./recordedHistory');
const { RECORDINGS } = require('./recording');

for (const recording of RECORDINGS) {
  test(`the workflow repeats the recorded history ${recording}`, async () => {
    await replayRecording(recording);
  });
}
