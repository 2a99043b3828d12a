/**
 * Copies the files that are not TypeScript beside the compiled code, so that a path relative to
 * `__dirname` is the same in both. `npm run build` runs it.
 */

import path from 'node:path';
import { copyApp, SRC } from './files.mjs';

const BUILT = ['/dist', '/host.json', '/package.json', '/package-lock.json'];

copyApp(path.join(SRC, 'dist'), BUILT);
