export { schemaJson } from './json-schema'
export { loadConfig, parseConfig, type AlertTarget, type Config, type RegistryRules, type Webhook } from './load'
export { policyFor, selects, watchedNamespaces } from './policy-for'
