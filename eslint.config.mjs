import js from '@eslint/js'
import tseslint from 'typescript-eslint'

const nodeBuiltins = ['node:*', 'fs', 'path', 'crypto', 'os', 'child_process', 'http', 'https', 'net', 'process']

/** Which layer may import which: domain <- workflows, activities <- clients, store; only entries know everything. */
const layer = (files, patterns, message) => ({
  files,
  rules: {
    '@typescript-eslint/no-restricted-imports': ['error', { patterns: patterns.map((p) => ({ message, ...p })) }],
  },
})

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', 'stack/go/**', 'coverage/**', '**/*.mjs', '**/*.js'] },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
    },
  },
  layer(
    ['src/domain/**/*.ts'],
    [
      { group: nodeBuiltins },
      { group: ['@temporalio/*', '@kubernetes/*', 'knex', 'pg', 'pino', 'yaml'] },
      { group: ['../*', '!../domain/*'] },
    ],
    'domain/ is pure: it imports only itself and small pure libraries',
  ),
  layer(
    ['src/domain/*/**/*.ts'],
    [
      { group: nodeBuiltins },
      { group: ['@temporalio/*', '@kubernetes/*', 'knex', 'pg', 'pino', 'yaml'] },
      { group: ['../../*'] },
    ],
    'domain/ is pure: it imports only itself and small pure libraries',
  ),
  layer(
    ['src/workflows/**/*.ts'],
    [
      { group: nodeBuiltins },
      {
        group: [
          '../clients/*',
          '../store/*',
          '../config/*',
          '../api/*',
          '../cli/*',
          '../operations/*',
          'knex',
          'pg',
          '@kubernetes/*',
        ],
      },
      { group: ['../activities', '../activities/*'], allowTypeImports: true },
    ],
    'workflows/ run in the sandbox: domain, @temporalio/workflow and activity types only',
  ),
  layer(
    ['src/activities/**/*.ts'],
    [
      {
        group: ['../api/*', '../cli/*', '../operations/*', '../workflows/*', '@kubernetes/*', 'knex'],
      },
    ],
    'activities/ act through clients/ and store/',
  ),
  layer(
    ['src/clients/**/*.ts', 'src/store/**/*.ts'],
    [{ group: ['../activities/*', '../workflows/*', '../api/*', '../cli/*', '../operations/*'] }],
    'clients/ and store/ know only domain/ and config/',
  ),
  layer(
    ['src/operations/**/*.ts'],
    [
      { group: ['api', 'cli'].flatMap((each) => [`**/${each}`, `**/${each}/**`]) },
      { group: ['**/server', '**/worker', '**/opened'] },
      { group: ['knex', 'pg', 'fastify', 'commander', '@kubernetes/*'] },
    ],
    'operations/ are what CLI and HTTP API do, without either',
  ),
  layer(
    ['src/api/**/*.ts'],
    [
      {
        group: ['activities', 'clients', 'cli', 'store', 'workflows'].flatMap((each) => [
          `**/${each}`,
          `**/${each}/**`,
        ]),
      },
      { group: ['**/config', '**/config/**'], allowTypeImports: true },
      { group: ['knex', 'pg', '@temporalio/*', '@kubernetes/*'] },
    ],
    'api/ serves what operations/ do, and knows the types of config/',
  ),
  {
    files: ['src/**/*.ts'],
    ignores: ['src/clients/kubernetes/**', 'src/clients/kubernetes.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "ImportDeclaration[source.value='@kubernetes/client-node']",
          message: 'only clients/kubernetes may import @kubernetes/client-node',
        },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
)
