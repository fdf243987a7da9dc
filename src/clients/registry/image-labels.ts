import type { ImageFacts } from '../../domain/image-facts'

export type Labels = Readonly<Record<string, unknown>>

type Said = Omit<ImageFacts, 'digest' | 'platforms' | 'created'>

/** The first of these that an image has; the older names are those of label-schema.org. */
const names: Readonly<Record<keyof Said, readonly string[]>> = {
  source: ['org.opencontainers.image.source', 'org.label-schema.vcs-url', 'org.opencontainers.image.url'],
  revision: ['org.opencontainers.image.revision', 'org.label-schema.vcs-ref'],
  version: ['org.opencontainers.image.version', 'org.label-schema.version'],
  title: ['org.opencontainers.image.title', 'org.label-schema.name'],
  changelog: ['org.opencontainers.image.changelog', 'changelog', 'org.opencontainers.image.documentation'],
  change: ['refit/change'],
  migrations: ['refit/migrations'],
  todo: ['refit/todo'],
  notes: ['refit/notes'],
}

/** All of them together stay below 8 KiB. */
const maxText = 800
const createdNames = ['org.opencontainers.image.created', 'org.label-schema.build-date']
/** Reproducible builds write the beginning of the epoch, or of the calendar: that is no date. */
const earliest = Date.UTC(2000, 0)

/** What labels and annotations say, the first ones before the others; `created` is the config's own. */
export function factsIn(labels: readonly Labels[], created: unknown): Said & { created?: number } {
  const said: Said & { created?: number } = {}
  for (const [fact, keys] of Object.entries(names) as [keyof Said, readonly string[]][]) {
    const text = first(labels, keys, textOf)
    if (text !== undefined && (fact !== 'changelog' || isLink(text))) said[fact] = text
  }
  const at = instantOf(created) ?? first(labels, createdNames, instantOf)
  return at === undefined ? said : { ...said, created: at }
}

function first<T>(
  labels: readonly Labels[],
  keys: readonly string[],
  read: (value: unknown) => T | undefined,
): T | undefined {
  for (const key of keys)
    for (const each of labels) {
      const value = Object.hasOwn(each, key) ? read(each[key]) : undefined
      if (value !== undefined) return value
    }
  return undefined
}

/** One line without control characters, nor those that turn text around. */
function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const text = value.slice(0, maxText).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ')
  return text.trim() || undefined
}

const isLink = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)

function instantOf(value: unknown): number | undefined {
  const at = typeof value === 'string' && value.length <= 64 ? Date.parse(value) : NaN
  return at >= earliest ? at : undefined
}

/** `linux/arm64/v8`; undefined for what isn't a platform that something runs on. */
export function platformOf({ os, architecture, variant }: Labels): string | undefined {
  if (!isName(os) || !isName(architecture) || os === 'unknown' || architecture === 'unknown') return undefined
  return `${os}/${architecture}${isName(variant) ? `/${variant}` : ''}`
}

const isName = (value: unknown): value is string => typeof value === 'string' && /^[\w.-]{1,32}$/.test(value)
