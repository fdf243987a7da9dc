import type { ImageContract } from '../../domain/image-contract'
import { isDigest } from '../../domain/image'
import type { ReadOptions } from '../contracts'
import type { Ask } from './ask'
import type { Endpoint } from './endpoint'
import { badAnswer } from './failures'
import { configOf, manifestsOf } from './image-facts'
import { platformOf } from './image-labels'
import { isObject } from './json'
import type { Polite } from './polite'

/** More than anybody writes; what is longer is cut. */
const mostItems = 100
const mostText = 1_000

/** How an image wants to be run: of an index one of its images, because a release is built for all of them at once. */
export async function imageContract(
  asking: { ask: Ask; polite: Polite },
  endpoint: Endpoint,
  options: ReadOptions,
  digest: string,
): Promise<ImageContract | undefined> {
  if (!isDigest(digest)) throw badAnswer(endpoint, `${digest.slice(0, 80)} is not a sha256`)
  const found = await manifestsOf(asking.ask, endpoint, options, digest)
  const config = found?.manifest && (await configOf(asking, endpoint, options, found.manifest.content))
  if (!found || !config) return undefined
  const own = platformOf(config)
  const platforms = found.children ? found.children.map(({ platform }) => platform) : own ? [own] : []
  const { WorkingDir, User, Entrypoint, Cmd, ExposedPorts } = isObject(config.config) ? config.config : {}
  return {
    platforms: [...new Set(platforms)].slice(0, mostItems),
    workingDir: textOf(WorkingDir) || '/',
    user: textOf(User),
    entrypoint: listOf(Entrypoint),
    cmd: listOf(Cmd),
    ports: isObject(ExposedPorts) ? portsOf(Object.keys(ExposedPorts)) : [],
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value.slice(0, mostText) : '')

const listOf = (value: unknown): string[] =>
  Array.isArray(value)
    ? value
        .slice(0, mostItems)
        .filter((each) => typeof each === 'string')
        .map(textOf)
    : []

/** `3001/tcp`, `3001`; UDP is nothing that a probe asks. */
const portsOf = (names: readonly string[]): number[] =>
  names
    .slice(0, mostItems)
    .flatMap((name) => /^(\d{1,5})(?:\/tcp)?$/i.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
