import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { Policy } from '../domain/policy'
import { maskSecrets } from '../domain/secrets'
import { ruleWords } from '../domain/signature'
import type { Config } from './load'
import { expandReferences, hasReference } from './references'

/** refit.yaml as it is understood, for people to look at: references stay `${NAME}`. */
export type Settings = Readonly<Record<string, unknown>>

/** What holds secrets or leads to somebody is shown as it is written, never as it is understood. */
const asWritten = ['registries', 'hubs', 'alerts', 'heartbeat', 'webhooks', 'server'] as const
/** Shorter values would take out parts of ordinary words. */
const leastLength = 4

/**
 * The settings of a file that `loadConfig` has read as `config`: rules with their defaults (durations in milliseconds),
 * without any value of the environment. Undefined when the file can't be read any more.
 */
export function settingsOf(
  config: Config,
  { file, env }: { file: string; env: Readonly<Record<string, string | undefined>> },
): Settings | undefined {
  try {
    const raw = parse(readFileSync(file, 'utf8'), { maxAliasCount: 100 }) as Record<string, unknown>
    const hide = hiderOf(raw, env)
    const understood = Object.fromEntries(
      Object.entries({ ...config, policies: config.policies.map(shortened) }).filter(
        ([key]) => !(asWritten as readonly string[]).includes(key),
      ),
    )
    const written = Object.fromEntries(asWritten.flatMap((key) => (key in raw ? [[key, raw[key]]] : [])))
    return { ...(mapped(understood, hide) as Settings), ...(mapped(written, maskSecrets) as Settings) }
  } catch {
    return undefined
  }
}

/** A trusted root is a long file; who is meant is said in a line. */
const shortened = ({ signatures, ...rest }: Policy): object =>
  signatures ? { ...rest, signatures: signatures.map(ruleWords) } : rest

/** Puts references back where the environment's values stand. */
function hiderOf(raw: unknown, env: Readonly<Record<string, string | undefined>>): (text: string) => string {
  const templates: [string, string][] = []
  const names = new Set<string>()
  visit(raw, (text) => {
    if (!hasReference(text)) return
    const { tree } = expandReferences([text], env)
    templates.push([bare((tree as string[])[0] ?? ''), text])
    for (const [, name = ''] of text.matchAll(/\$\{([^}]*)\}/g)) names.add(name)
  })
  const values = [...names]
    .map((name): [string, string] => [name, env[name] ?? ''])
    .filter(([, value]) => value.length >= leastLength)
    .sort(([, a], [, b]) => b.length - a.length)
  return (text) => {
    const whole = templates.find(([expanded, template]) => expanded === bare(text) && template !== text)
    if (whole) return whole[1]
    const put = values.reduce((shown, [name, value]) => shown.split(value).join(`\${${name}}`), text)
    return maskSecrets(put)
  }
}

/** URLs lose their last slash when they are understood. */
const bare = (text: string): string => text.trim().replace(/\/+$/, '')

function visit(value: unknown, see: (text: string) => void): void {
  if (typeof value === 'string') see(value)
  else if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) visit(each, see)
}

function mapped(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((each) => mapped(each, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, mapped(each, change)]))
}
