export { schemaJson } from './json-schema'
export { settingsOf, type Settings } from './settings'
export {
  loadConfig,
  parseConfig,
  type AlertTarget,
  type Config,
  type OidcRules,
  type RegistryRules,
  type Webhook,
} from './load'
export { policyFor, supportOf, watchedNamespaces } from './policy-for'
export { parseStrategy } from './parse-strategy'
