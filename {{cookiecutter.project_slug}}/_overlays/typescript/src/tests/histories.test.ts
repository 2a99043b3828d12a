/** Running instances survive a change: the workflow still does what was recorded. */

import { test } from 'node:test';

import { replayRecording } from './recordedHistory';
import { RECORDINGS } from './recording';

for (const recording of RECORDINGS) {
  test(`the workflow repeats the recorded history ${recording}`, async () => {
    await replayRecording(recording);
  });
}
