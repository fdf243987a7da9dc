export { schemaJson } from './json-schema'
export { loadConfig, parseConfig, type AlertTarget, type Config, type RegistryRules, type Webhook } from './load'
export { policyFor } from './policy-for'
