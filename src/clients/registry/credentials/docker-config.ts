import { canonicalHost } from '../endpoint'
import type { Credential } from './credential'

/** The parts of Docker's config.json, and of a Secret of type kubernetes.io/dockerconfigjson, that hold credentials. */
export interface DockerConfig {
  auths: Record<string, Entry>
  credsStore?: string
  credHelpers: Record<string, string>
}

type Entry = Partial<Record<'auth' | 'username' | 'password' | 'identitytoken' | 'registrytoken', unknown>>

/** Undefined for what is no such configuration. The text may be shown to nobody. */
export function parseDockerConfig(text: string): DockerConfig | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isObject(parsed)) return undefined
  const { auths, credsStore, credHelpers } = parsed
  return {
    auths: isObject(auths) ? only(auths, isObject) : {},
    ...(typeof credsStore === 'string' && credsStore ? { credsStore } : {}),
    credHelpers: isObject(credHelpers) ? only(credHelpers, isText) : {},
  }
}

const only = <T>(record: Record<string, unknown>, is: (value: unknown) => value is T): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter((entry): entry is [string, T] => is(entry[1])))

/** The entry that is most particular to `host/path`, as the kubelet looks it up: by host, by a glob of it, with a path. */
export function inlineCredential({ auths }: DockerConfig, host: string, path: string): Credential | undefined {
  const found = Object.entries(auths)
    .flatMap(([key, entry]) => {
      const credential = matches(key, host, path) ? credentialOf(entry) : undefined
      return credential ? [{ key, credential }] : []
    })
    .sort((a, b) => partsOf(b.key).path.length - partsOf(a.key).path.length)
  return found[0]?.credential
}

/** Which helper program is asked for this host, if any. */
export const helperFor = ({ credHelpers, credsStore }: DockerConfig, host: string): string | undefined =>
  Object.entries(credHelpers).find(([key]) => partsOf(key).host === host)?.[1] ?? credsStore

function matches(key: string, host: string, path: string): boolean {
  const wanted = partsOf(key)
  const isHost = wanted.host === host || isGlobOf(wanted.host, host)
  return isHost && (wanted.path === '' || path === wanted.path || path.startsWith(`${wanted.path}/`))
}

/** `*.example.org` stands for one label, never for a dot or a port. */
function isGlobOf(pattern: string, host: string): boolean {
  if (!pattern.includes('*')) return false
  const [patterns, labels] = [pattern.split('.'), host.split('.')]
  return (
    patterns.length === labels.length &&
    patterns.every((each, index) => {
      const [start = '', ...rest] = each.split('*')
      const label = labels[index] ?? ''
      if (rest.length === 0) return each === label
      const end = rest.at(-1) ?? ''
      return (
        rest.length === 1 && label.length >= start.length + end.length && label.startsWith(start) && label.endsWith(end)
      )
    })
  )
}

/** `https://index.docker.io/v1/` and the like: Docker's keys are hosts, hosts with a path, or addresses of its old API. */
function partsOf(key: string): { host: string; path: string } {
  const [host = '', ...path] = key.replace(/^https?:\/\//, '').split('/')
  const rest = path.filter(Boolean).join('/')
  return { host: canonicalHost(host), path: /^v[12]$/.test(rest) ? '' : rest }
}

function credentialOf({ auth, username, password, identitytoken, registrytoken }: Entry): Credential | undefined {
  if (isText(registrytoken)) return { kind: 'bearer', token: registrytoken }
  if (isText(identitytoken)) return { kind: 'identity', token: identitytoken }
  if (isText(username) && isText(password)) return { kind: 'basic', username, password }
  const [user = '', ...secret] = isText(auth) ? Buffer.from(auth, 'base64').toString('utf8').split(':') : []
  const joined = secret.join(':').replace(/\0+$/, '')
  return user && joined ? { kind: 'basic', username: user, password: joined } : undefined
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
