import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { RefitError } from '../domain/errors'
import type { BackupRule, Policy } from '../domain/policy'
import type { BillOfMaterials } from '../domain/bill-of-materials'
import type { Supported } from '../domain/supported'
import { readBillOfMaterials } from './bill-of-materials'
import { describe, problemsOf } from './problems'
import { expandReferences } from './references'
import { crossProblems } from './rules'
import { schema } from './schema'
import { readSignature, signatureProblems } from './signatures'

type Parsed = z.output<typeof schema>
type Frozen<T> = T extends (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T

/** Everything of refit.yaml, checked, with defaults; durations are milliseconds. Frozen: nothing changes it at run time. */
export interface Config {
  readonly hub: Frozen<Parsed['hub']>
  readonly scan: Frozen<Parsed['scan']>
  readonly supported: readonly Supported[]
  /** read from the file that refit.yaml names */
  readonly billOfMaterials?: BillOfMaterials
  readonly registries: Frozen<Parsed['registries']>
  /** in the order of the file: the first that matches wins */
  readonly policies: readonly Policy[]
  /** what goes first in a release */
  readonly order: Frozen<Parsed['order']>
  readonly releases: Frozen<Parsed['releases']>
  /** before their bake */
  readonly upgradesAtOnce: number
  readonly people: Frozen<Parsed['people']>
  /** other Refits, for promotion */
  readonly hubs: Frozen<Parsed['hubs']>
  readonly alerts: Frozen<Parsed['alerts']>
  readonly digestAt?: Frozen<Parsed['digestAt']>
  readonly heartbeat?: string | undefined
  /** base URL of the Temporal Web UI */
  readonly temporalUi?: string | undefined
  /** of registries, to the HTTP server */
  readonly webhooks: Frozen<Parsed['webhooks']>
  /** where people reach the HTTP server, and how they log in */
  readonly server: Frozen<Parsed['server']>
}

export type RegistryRules = Config['registries'][number]
export type AlertTarget = Config['alerts'][number]
export type Webhook = Config['webhooks'][number]
export type OidcRules = NonNullable<Config['server']['oidc']>

/** Reads and checks refit.yaml. Throws CONFIG_INVALID naming every bad value at once; no value that came from the environment is shown. */
export function loadConfig({ file, env }: { file: string; env: Readonly<Record<string, string | undefined>> }): Config {
  return parseConfig({ text: read(file), name: file, env, folder: dirname(resolve(file)) })
}

interface Text {
  text: string
  /** what errors call it */
  name: string
  env: Readonly<Record<string, string | undefined>>
  /** what migration directories are relative to; the working directory unless given */
  folder?: string
}

/** The same for text that was read already. */
export function parseConfig({ text, name, env, folder = '.' }: Text): Config {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  if (document.errors.length > 0)
    throw invalid(
      name,
      document.errors.map(
        ({ message, pos }) => `${lines.linePos(pos[0]).line}:${lines.linePos(pos[0]).col} ${message}`,
      ),
    )
  const raw = toPlain(name, () => document.toJS({ maxAliasCount: 100 }) as unknown)
  const { tree, problems: unresolved } = expandReferences(raw, env)
  const parsed = schema.safeParse(tree)
  // A reference that couldn't be resolved is one problem, not two.
  const known = new Set(unresolved.map(({ path }) => JSON.stringify(path)))
  const found = [
    ...(parsed.success ? [] : problemsOf(parsed.error.issues, tree)),
    ...crossProblems(tree, raw),
    ...signatureProblems(tree, folder),
  ]
  const problems = [...unresolved, ...found.filter(({ path }) => !known.has(JSON.stringify(path)))]
  const bom = billOfMaterialsOf(tree, folder)
  const ofBom = bom?.kind === 'bad' ? bom.problems.map((problem) => `${bom.file} ${problem}`) : []
  if (problems.length > 0 || ofBom.length > 0 || !parsed.success)
    throw invalid(name, [...describe(problems, raw, document, lines), ...ofBom])
  const { policies, registries, billOfMaterials: file, ...rest } = parsed.data
  return deepFreeze({
    ...rest,
    registries: registries.map((registry) => withPath(registry, folder)),
    policies: policies.map((policy) => inFolder(policy, folder)),
    ...(file !== undefined && bom?.kind === 'good' ? { billOfMaterials: bom.billOfMaterials } : {}),
  })
}

/** Read whatever else is wrong, so that all problems are named at once. */
function billOfMaterialsOf(tree: unknown, folder: string): ReturnType<typeof readBillOfMaterials> | undefined {
  const file =
    typeof tree === 'object' && tree !== null ? (tree as { billOfMaterials?: unknown }).billOfMaterials : undefined
  return typeof file === 'string' && file.trim() !== '' ? readBillOfMaterials(resolve(folder, file)) : undefined
}

function withPath(registry: Parsed['registries'][number], folder: string): Parsed['registries'][number] {
  const { auth } = registry
  return auth?.kind === 'dockerConfig' && auth.path !== undefined
    ? { ...registry, auth: { ...auth, path: resolve(folder, auth.path) } }
    : registry
}

function inFolder(policy: Parsed['policies'][number], folder: string): Policy {
  const migrations = policy.migrations.map((source) => {
    const { backup } = source
    const found = backup && 'file' in backup.check ? { backup: withFile(backup, backup.check.file, folder) } : {}
    return source.kind === 'knex'
      ? { ...source, ...found, directory: resolve(folder, source.directory) }
      : { ...source, ...found }
  })
  const { signatures, ...rest } = policy
  const rules = signatures?.map((written) => readSignature(written, folder))
  return { ...rest, migrations, ...(rules ? { signatures: rules } : {}) }
}

/** A path that begins with a reference is whatever that says. */
const withFile = (rule: BackupRule, file: string, folder: string): BackupRule => ({
  ...rule,
  check: { file: file.startsWith('${') ? file : resolve(folder, file) },
})

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable'
    throw new RefitError(
      'CONFIG_INVALID',
      `${file} can't be read (${code}).`,
      'refit init --kubeconfig FILE writes one from what runs; where it is say --config or REFIT_CONFIG.',
    )
  }
}

function toPlain(name: string, convert: () => unknown): unknown {
  try {
    return convert()
  } catch (error) {
    throw invalid(name, [error instanceof Error ? error.message : String(error)])
  }
}

function invalid(name: string, problems: string[]): RefitError {
  const count = `${problems.length} problem${problems.length === 1 ? '' : 's'}`
  return new RefitError(
    'CONFIG_INVALID',
    `${name} has ${count}:\n${problems.map((line) => `  ${line}`).join('\n')}\n`,
    'Correct the file; nothing was started.',
  )
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const each of Object.values(value)) deepFreeze(each)
    Object.freeze(value)
  }
  return value
}
