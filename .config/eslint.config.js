import js from '@eslint/js';
import importX from 'eslint-plugin-import-x';
import prettier from 'eslint-config-prettier';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/**
 * The stages of each program in the order in which data flows. A stage never imports a later one; only the
 * composition roots (agent.ts, collector.ts) and the command line know all of them.
 */
const STAGES = {
  agent: [
    'words',
    'config',
    'settings',
    'camera',
    'decoder',
    'scene',
    'detector',
    'tracker',
    'counter',
    'outbox',
    'pipeline',
    'picture',
    'audit',
    'uplink',
    'update',
    'enrolment',
    'health',
    'supervision',
    'self-test',
    'discovery',
    'diagnostics',
    'status',
    'evaluate',
    'install',
    'commands',
  ],
  collector: [
    'schema',
    'config',
    'store',
    'observability',
    'pki',
    'audit-log',
    'security',
    'error-groups',
    'cluster',
    'fleet',
    'broker',
    'counts',
    'maintenance',
    'availability',
    'slo',
    'accuracy',
    'fleet-file',
    'ingest',
    'live',
    'releases',
    'commands',
    'webhooks',
    'alerts',
    'incidents',
    'handbook',
    'oncall',
    'notify',
    'escalation',
    'api',
  ],
};

const boundaries = Object.entries(STAGES).flatMap(([workspace, stages]) =>
  stages.map((stage, index) => ({
    files: [`${workspace}/src/${stage}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: `^(\\.\\./)+(${[...stages.slice(index + 1), 'agent', 'collector', 'main'].join('|')})(/|\\.js$)`,
              message: `${stage} comes before that stage: data flows ${stages.join(' -> ')}`,
            },
          ],
        },
      ],
    },
  })),
);

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      'agent/models/**',
      'agent/wasm/**',
      '.cache/**',
      '.demo/**',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [...tseslint.configs.strictTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'import-x/order': [
        'error',
        { groups: ['builtin', 'external', 'parent', 'sibling'], alphabetize: { order: 'asc' } },
      ],
      'import-x/no-default-export': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 4],
      'no-console': 'error',
      'no-warning-comments': ['error', { terms: ['fixme', 'xxx'] }],
    },
  },
  {
    files: ['**/*.tsx', '**/src/web/**/*.ts'],
    plugins: { 'react-hooks': reactHooks },
    rules: { ...reactHooks.configs.recommended.rules, 'max-lines-per-function': ['error', { max: 120 }] },
  },
  {
    files: ['**/*.test.ts', '**/test/**/*.ts', 'scripts/e2e/**/*.ts', '**/*.bench.ts'],
    rules: { 'max-lines-per-function': 'off', 'max-lines': ['error', { max: 500 }] },
  },
  { files: ['**/*.config.ts', '**/vite.config.ts'], rules: { 'import-x/no-default-export': 'off' } },
  { files: ['scripts/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
  ...boundaries,
  prettier,
);
