import js from '@eslint/js';
import { defineConfig } from 'eslint/config';

import orchestrators from './eslint.orchestrators.mjs';

export default defineConfig(js.configs.recommended, orchestrators, {
  files: ['**/*.js'],
  languageOptions: { sourceType: 'commonjs' },
  rules: { 'no-undef': 'off' }, // tsc finds names that nobody defines
});
