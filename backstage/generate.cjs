// An action of the Backstage scaffolder that runs this template with cookiecutter, hooks included.
const { execFile } = require('node:child_process');
const fs = require('node:fs/promises');
const path = require('node:path');
const { promisify } = require('node:util');

// Cookiecutter renders answers of the command line: what looks like a tag becomes a text in one.
function literal(answer) {
  return /\{|<#/.test(answer) ? `{{ ${JSON.stringify(answer)} }}` : answer;
}

/** Generates a project into the workspace of the task. */
async function generate(ctx) {
  const { template, values } = ctx.input;
  const output = await ctx.createTemporaryDirectory();
  const answers = Object.entries(values).map(([key, value]) => `${key}=${literal(value)}`);
  // An array of arguments: no shell reads the answers.
  const options = ['--no-input', '--output-dir', output, template, ...answers];
  await promisify(execFile)('cookiecutter', options);
  await fs.cp(path.join(output, values.project_slug), ctx.workspacePath, { recursive: true });
}

/** Returns the action; `createTemplateAction` is from @backstage/plugin-scaffolder-node. */
exports.createGenerateAction = (createTemplateAction) =>
  createTemplateAction({
    id: 'durable-functions:generate',
    description: 'Generates a Durable Functions project with cookiecutter.',
    schema: {
      input: {
        template: (z) => z.string({ description: 'The template: a URL or a folder' }),
        values: (z) => z.record(z.string()).describe('The answer to each question'),
      },
    },
    handler: generate,
  });
