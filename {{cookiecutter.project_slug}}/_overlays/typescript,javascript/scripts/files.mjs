/** The files of src/ that belong to the app. */

import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

export const SRC = path.join(import.meta.dirname, '..', 'src');

// What the Core Tools leave out as well, and what belongs to npm.
const NEVER = [
  '.funcignore',
  '.gitignore',
  '.git/',
  '.vscode/',
  'local.settings.json',
  '.npmrc',
  '/node_modules',
];

/**
 * Copy the files that .funcignore does not exclude; it reads as .gitignore does.
 *
 * @param {string} target a folder
 * @param {string[]} excluded further patterns
 */
export function copyApp(target, excluded = []) {
  const ignore = createRequire(path.join(SRC, 'package.json'))('ignore');
  const ignored = ignore({ ignorecase: false })
    .add(readIgnoreFile())
    .add([...NEVER, ...excluded]);
  for (const file of filesBelow('', ignored)) {
    const copy = path.join(target, file);
    mkdirSync(path.dirname(copy), { recursive: true });
    copyFileSync(path.join(SRC, file), copy);
  }
}

function readIgnoreFile() {
  const file = path.join(SRC, '.funcignore');
  return existsSync(file) ? readFileSync(file, 'utf8').replace(/^\uFEFF/, '') : '';
}

/** Return the paths of the files below a folder; like git, do not look into one that is ignored. */
function filesBelow(folder, ignored) {
  return readdirSync(path.join(SRC, folder)).flatMap((name) => {
    const file = path.posix.join(folder, name);
    if (statSync(path.join(SRC, file), { throwIfNoEntry: false })?.isDirectory()) {
      return ignored.ignores(`${file}/`) ? [] : filesBelow(file, ignored);
    }
    return ignored.ignores(file) ? [] : [file];
  });
}
