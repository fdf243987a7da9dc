import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { RefitError } from '../domain/errors'
import { nearestTo, wordList } from '../domain/text'
import { load } from './lazy'

const reference = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/
const text = z.string({ error: 'must be a text' }).trim().min(1, { error: 'must not be empty' })
const profile = z
  .strictObject({
    config: text.optional(),
    server: text.optional(),
    tokenFile: text.optional(),
    temporalProfile: text.optional(),
    temporalUi: text.optional(),
    kubeconfig: text.optional(),
    encryptionKeysFile: text.optional(),
    databaseUrl: text.regex(reference, { error: 'must be a reference such as "${GREEN_DATABASE_URL}"' }).optional(),
  })
  .nullable()
  .transform((found) => found ?? {})
const schema = z.record(z.string().regex(/^[A-Za-z0-9][\w.-]*$/, { error: 'is no name of a hub' }), profile)

/** How one hub is reached; paths are absolute. */
export type HubProfile = z.output<typeof profile>

export interface Hubs {
  file: string
  hubs: Record<string, HubProfile>
}

/** $REFIT_HUBS, else refit/hubs.yaml in the user's folder for configuration. */
export const hubsFile = (env: NodeJS.ProcessEnv): string =>
  env.REFIT_HUBS?.trim() ||
  join(env.XDG_CONFIG_HOME?.trim() || join(env.HOME ?? homedir(), '.config'), 'refit', 'hubs.yaml')

/** The hubs that can be named with --hub; none where there is no file. CONFIG_INVALID names all that is wrong with it. */
export function readHubs(env: NodeJS.ProcessEnv): Hubs {
  const file = hubsFile(env)
  if (!existsSync(file)) return { file, hubs: {} }
  const parsed = schema.safeParse(treeOf(file))
  if (!parsed.success)
    throw invalid(
      file,
      parsed.error.issues.map(({ path, message, ...issue }) => {
        const keys = issue.code === 'unrecognized_keys' ? `has no key ${wordList(issue.keys)}` : message
        return `${path.join('.') || 'the file'} ${keys}`
      }),
    )
  const hubs = Object.entries(parsed.data).map(([name, each]) => [name, inFolder(each, env, dirname(resolve(file)))])
  return { file, hubs: Object.fromEntries(hubs) as Record<string, HubProfile> }
}

/** The profile of that name; undefined where there is none and `isNew` allows that. Else USAGE, with the names that are near. */
export function profileOf(
  env: NodeJS.ProcessEnv,
  name: string,
  { isNew = false } = {},
): { name: string; file: string; hub: HubProfile } | undefined {
  const { file, hubs } = readHubs(env)
  const hub = Object.hasOwn(hubs, name) ? hubs[name] : undefined
  if (hub) return { name, file, hub }
  if (isNew) return undefined
  const names = Object.keys(hubs)
  const near = nearestTo(name, names)
  throw new RefitError(
    'USAGE',
    `There is no hub ${name} in ${file}.`,
    near.length > 0
      ? `Did you mean ${near.join(' or ')}?`
      : names.length > 0
        ? `It has ${wordList(names)}.`
        : `Write it there, such as: ${name}: { server: "https://refit.example.org", tokenFile: token }`,
  )
}

function treeOf(file: string): unknown {
  try {
    return load.yaml().parse(readFileSync(file, 'utf8')) ?? {}
  } catch (error) {
    throw invalid(file, [error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)])
  }
}

const invalid = (file: string, problems: string[]): RefitError =>
  new RefitError(
    'CONFIG_INVALID',
    `${file} can't be used:\n${problems.map((line) => `  ${line}`).join('\n')}\n`,
    'Correct it: a hub has config, server, tokenFile, temporalProfile, temporalUi, kubeconfig, encryptionKeysFile and databaseUrl, none of them required.',
  )

/** Paths are relative to the file of the hubs; `~/` is the user's folder. */
function inFolder(hub: HubProfile, env: NodeJS.ProcessEnv, folder: string): HubProfile {
  const { config, tokenFile, kubeconfig, encryptionKeysFile } = hub
  const paths = Object.entries({ config, tokenFile, kubeconfig, encryptionKeysFile }).flatMap(([key, path]) =>
    path === undefined
      ? []
      : [[key, path.startsWith('~/') ? join(env.HOME ?? homedir(), path.slice(2)) : resolve(folder, path)]],
  )
  return { ...hub, ...(Object.fromEntries(paths) as Partial<HubProfile>) }
}
