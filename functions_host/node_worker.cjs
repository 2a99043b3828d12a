// Runs in the app's folder: loads the app and serves calls (see worker.py).
//
// The Node worker gives an app the module '@azure/functions-core' by intercepting require; without
// it the npm package registers nothing. Everything behind that module is the published npm code.
'use strict';

const fs = require('fs');
const Module = require('module');
const path = require('path');
const readline = require('readline');
const { pathToFileURL } = require('url');

const CORE_MODULE = '@azure/functions-core';
const DEFAULT_MAIN = 'index.js';

const functions = new Map(); // id -> { metadata, callback }
let programmingModel;

// Responses use the real stdout; the output of the app goes to stderr.
const writeResponse = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);

class Disposable {
    dispose() {}
}

const core = {
    version: '3.12.0',
    hostVersion: '4.1037.0',
    Disposable,
    registerHook: () => new Disposable(),
    log: () => {},
    setProgrammingModel: (model) => {
        programmingModel = model;
    },
    getProgrammingModel: () => programmingModel,
    registerFunction: (metadata, callback) => {
        const id = metadata.functionId ?? metadata.name;
        if (functions.has(id)) {
            throw new Error(`A function with id "${id}" has already been registered.`);
        }
        functions.set(id, { metadata, callback });
        return new Disposable();
    },
};

function supplyCoreModule() {
    const original = Module.prototype.require;
    Module.prototype.require = function (id) {
        return id === CORE_MODULE ? core : original.call(this, id);
    };
}

// Each pattern of a list in braces: 'a/{b,c/*}.js' -> 'a/b.js', 'a/c/*.js'.
function expandBraces(pattern) {
    const found = /^(.*?)\{([^{}]*)\}(.*)$/.exec(pattern);
    if (!found) {
        return [pattern];
    }
    const [, before, list, after] = found;
    return list.split(',').flatMap((part) => expandBraces(before + part + after));
}

function globToRegExp(pattern) {
    const source = pattern
        .replace(/^\.\//, '')
        .replace(/[.+^$()|[\]\\]/g, '\\$&')
        .replace(/\*\*\/|\*\*|\*|\?/g, (sign) => {
            return { '**/': '(?:[^/]+/)*', '**': '.*', '*': '[^/]*', '?': '[^/]' }[sign];
        });
    return new RegExp(`^${source}$`);
}

function listFiles(folder) {
    return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        const file = path.join(folder, entry.name);
        if (entry.isDirectory()) {
            return entry.name === 'node_modules' || entry.name === '.git' ? [] : listFiles(file);
        }
        return [file];
    });
}

function entryFiles(folder, main) {
    const patterns = expandBraces(main).map(globToRegExp);
    const names = listFiles(folder).map((file) => path.relative(folder, file));
    const posix = names.map((name) => name.split(path.sep).join('/')).sort();
    const found = posix.filter((name) => patterns.some((pattern) => pattern.test(name)));
    if (found.length === 0) {
        throw new Error(`"main" in package.json matches no file: ${main}`);
    }
    return found.map((name) => path.join(folder, name));
}

async function loadApp(folder) {
    const manifest = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
    for (const file of entryFiles(folder, manifest.main ?? DEFAULT_MAIN)) {
        const extension = path.extname(file);
        if (extension === '.mjs' || (extension === '.js' && manifest.type === 'module')) {
            await import(pathToFileURL(file).href);
        } else {
            require(file);
        }
    }
}

function describe({ metadata }) {
    const bindings = Object.entries(metadata.bindings).map(([name, b]) => ({ ...b, name }));
    return { name: metadata.name, bindings };
}

function fromJson(data) {
    if (data.bytes !== undefined) {
        return { bytes: Buffer.from(data.bytes, 'base64') };
    }
    if (data.http !== undefined) {
        return { http: { ...data.http, body: fromJson(data.http.body) } };
    }
    return data;
}

function toJson(data) {
    if (data === null || data === undefined) {
        return null;
    }
    if (data.bytes !== undefined) {
        return { bytes: Buffer.from(data.bytes).toString('base64') };
    }
    if (data.http !== undefined && data.http !== null) {
        const { statusCode, headers, body } = data.http;
        return { http: { status_code: statusCode, headers, body: toJson(body) } };
    }
    return data;
}

async function invoke(call) {
    const { metadata, callback } = functions.get(call.function);
    const inputData = call.inputs.map(({ name, data }) => ({ name, data: fromJson(data) }));
    const invocationId = 'invocation';
    const model = programmingModel.getInvocationModel({
        invocationId,
        metadata,
        request: { invocationId, inputData, triggerMetadata: {} },
        state: undefined,
        log: (_level, _category, message) => process.stderr.write(`${message}\n`),
    });
    const { context, inputs } = await model.getArguments();
    const result = await model.invokeFunction(context, inputs, callback);
    const response = await model.getResponse(context, result);
    return { value: toJson(response.returnValue) };
}

function failure(error) {
    if (error instanceof Error) {
        return { error: error.message || error.name, details: error.stack ?? '' };
    }
    return { error: String(error), details: '' };
}

function respond(message) {
    writeResponse(`${JSON.stringify(message)}\n`);
}

async function main() {
    supplyCoreModule();
    try {
        await loadApp(process.cwd());
    } catch (error) {
        respond({ error: error instanceof Error ? error.stack : String(error) });
        return;
    }
    respond({ functions: [...functions.values()].map(describe) });
    for await (const line of readline.createInterface({ input: process.stdin })) {
        respond(await invoke(JSON.parse(line)).catch(failure));
    }
    process.exit();
}

main();
