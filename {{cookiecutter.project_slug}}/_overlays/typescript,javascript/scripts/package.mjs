/**
 * Creates package/, which is what Azure runs: the app, and its packages for Linux.
 *
 * package.sh and package.ps1 run it from the folder of the project, when the app is compiled.
 */

import { execSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { copyApp, SRC } from './files.mjs';

const PACKAGE = path.resolve('package');
const AZURE = { os: 'linux', cpu: 'x64', libc: 'glibc' };
const CONTENT =
  'package/ holds the files of src/ that src/.funcignore does not exclude, and the dependencies ' +
  '(not the devDependencies) of src/package.json.';

/** What the user can correct. */
class Failure extends Error {}

/**
 * Install the dependencies of the app into its folder, with the configuration that npm has in src/.
 *
 * @param {string} folder a folder with the files of the app
 * @param {string[]} system options for another system than this one
 * @throws {Failure} npm fails
 */
function install(folder, system = []) {
  const configuration = path.join(folder, '.npmrc');
  if (existsSync(path.join(SRC, '.npmrc'))) {
    copyFileSync(path.join(SRC, '.npmrc'), configuration);
  }
  const options = ['--omit=dev', '--install-links', ...system].join(' ');
  try {
    const command = `npm ci ${options} --prefix "${path.relative(SRC, folder)}"`;
    execSync(command, { cwd: SRC, stdio: 'inherit' });
  } catch {
    throw new Failure('The packages could not be installed: see the messages of npm above.');
  } finally {
    rmSync(configuration, { force: true }); // it can hold a token
  }
}

/** Take the app's own scripts out of its package.json: npm runs `prepare`, which is for development. */
function removeScripts(folder) {
  const file = path.join(folder, 'package.json');
  const { scripts: _, ...manifest } = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Refuse packages that npm has compiled for another system than that of Azure. */
function checkCompiledPackages() {
  const compiled = readdirSync(PACKAGE, { recursive: true }).filter((file) =>
    /[\\/]build[\\/]Release[\\/][^\\/]+\.node$/.test(file),
  );
  const foreign = compiled.filter((file) => !isForAzure(path.join(PACKAGE, file)));
  if (foreign.length > 0) {
    throw new Failure(
      `npm has compiled ${foreign.join(', ')} for this system: make the package on Linux x64, ` +
        'as the workflow ci does.',
    );
  }
}

/** Return whether a file is an ELF binary for x64. */
function isForAzure(file) {
  const header = readFileSync(file).subarray(0, 20);
  return header.subarray(1, 4).toString() === 'ELF' && header.readUInt16LE(18) === 0x3e;
}

/** Return whether this machine can load the packages for Azure. */
function runsAsInAzure() {
  const isGlibc = 'glibcVersionRuntime' in process.report.getReport().header;
  return process.platform === AZURE.os && process.arch === AZURE.cpu && isGlibc;
}

/** Load the packaged app, away from the project, and return the names of its functions. */
function functions() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'package-'));
  try {
    copyApp(folder);
    removeScripts(folder);
    if (runsAsInAzure()) {
      symlinkSync(
        path.join(PACKAGE, 'node_modules'),
        path.join(folder, 'node_modules'),
        'junction',
      );
    } else {
      console.log(
        'The packages for Azure cannot be loaded on this system, ' +
          'so the app is checked with the same packages for this system.',
      );
      install(folder);
    }
    const script = path.resolve('scripts/functions.mjs');
    const listed = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
      cwd: folder,
      env: { ...settings(), ...process.env, NODE_PATH: '' },
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
      encoding: 'utf8',
    });
    if (listed.status !== 0) {
      throw new Failure(`The app in package/ does not load: see the error above. ${CONTENT}`);
    }
    return listed.output[3].split('\n').filter(Boolean);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Return the settings that the app has on a developer's machine. */
function settings() {
  const example = path.join(SRC, 'local.settings.example.json');
  return existsSync(example) ? JSON.parse(readFileSync(example, 'utf8')).Values : {};
}

/** Make the package and prove that it has functions. */
function makePackage() {
  rmSync(PACKAGE, { recursive: true, force: true });
  copyApp(PACKAGE);
  removeScripts(PACKAGE);
  // Without this file, azd leaves node_modules out.
  writeFileSync(path.join(PACKAGE, '.funcignore'), '# Everything in this folder is deployed.\n');
  install(
    PACKAGE,
    Object.entries(AZURE).map(([name, value]) => `--${name}=${value}`),
  );
  checkCompiledPackages();
  const names = functions();
  if (names.length === 0) {
    throw new Failure(
      'The app in package/ has no functions: "main" in src/package.json must match their files.',
    );
  }
  console.log(`package/ is ready, with the functions ${names.sort().join(', ')}.`);
}

try {
  makePackage();
} catch (error) {
  rmSync(PACKAGE, { recursive: true, force: true }); // so that nobody deploys it
  if (!(error instanceof Failure)) {
    throw error;
  }
  console.error(error.message);
  process.exitCode = 1;
}
