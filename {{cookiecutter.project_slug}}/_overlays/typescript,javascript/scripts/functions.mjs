/**
 * Writes the functions of an app to file descriptor 3, one on each line, as the Functions host finds them.
 * The current folder is that of the app.
 */

import { globSync, readFileSync, writeSync } from 'node:fs';
import Module from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const names = [];

// The module that the host gives to an app; without it, nothing is registered.
const core = {
  setProgrammingModel: () => undefined,
  registerFunction: ({ name }) => names.push(name),
  registerHook: () => ({ dispose: () => undefined }),
  log: () => undefined,
};
const original = Module.prototype.require;
Module.prototype.require = function (id) {
  return id === '@azure/functions-core' ? core : original.call(this, id);
};

const { main } = JSON.parse(readFileSync('package.json', 'utf8'));
for (const file of globSync(main)) {
  await import(pathToFileURL(path.resolve(file)).href);
}
writeSync(3, names.join('\n'));
process.exit(); // without waiting for timers and connections of the app
