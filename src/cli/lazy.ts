/* eslint-disable @typescript-eslint/no-require-imports, @typescript-eslint/consistent-type-imports -- import() would ask for file extensions that tests and builds don't share */
/** Loaded when a command needs them: `refit --help` and `refit status` answer without a Kubernetes client in memory. */
export const load = {
  config: () => require('../config') as typeof import('../config'),
  environment: () => require('../config/environment') as typeof import('../config/environment'),
  store: () => require('../store') as typeof import('../store'),
  temporal: () => require('../clients/temporal') as typeof import('../clients/temporal'),
  hubTemporal: () => require('../operations/temporal') as typeof import('../operations/temporal'),
  kubernetes: () => require('../clients/kubernetes') as typeof import('../clients/kubernetes'),
  registry: () => require('../clients/registry') as typeof import('../clients/registry'),
  server: () => require('../server') as typeof import('../server'),
  worker: () => require('../worker') as typeof import('../worker'),
}

/** One command's code. */
export const loadCommand = {
  security: () => require('./commands/security') as typeof import('./commands/security'),
  policy: () => require('./commands/policy') as typeof import('./commands/policy'),
  init: () => require('./commands/init') as typeof import('./commands/init'),
  explain: () => require('./commands/explain') as typeof import('./commands/explain'),
  accept: () => require('./commands/accept') as typeof import('./commands/accept'),
  abort: () => require('./commands/abort') as typeof import('./commands/abort'),
  approve: () => require('./commands/approve') as typeof import('./commands/approve'),
  config: () => require('./commands/config') as typeof import('./commands/config'),
  doctor: () => require('./commands/doctor') as typeof import('./commands/doctor'),
  history: () => require('./commands/history') as typeof import('./commands/history'),
  plan: () => require('./commands/plan') as typeof import('./commands/plan'),
  quarantine: () => require('./commands/quarantine') as typeof import('./commands/quarantine'),
  reject: () => require('./commands/reject') as typeof import('./commands/reject'),
  release: () => require('./commands/release') as typeof import('./commands/release'),
  resolve: () => require('./commands/resolve') as typeof import('./commands/resolve'),
  scan: () => require('./commands/scan') as typeof import('./commands/scan'),
  server: () => require('./commands/server') as typeof import('./commands/server'),
  status: () => require('./commands/status') as typeof import('./commands/status'),
  webhooks: () => require('./commands/webhooks') as typeof import('./commands/webhooks'),
  worker: () => require('./commands/worker') as typeof import('./commands/worker'),
}
