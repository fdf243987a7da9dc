export { schemaJson } from './json-schema'
export { loadConfig, parseConfig, type AlertTarget, type Config, type RegistryRules } from './load'
export { policyFor, supportOf } from './policy-for'
