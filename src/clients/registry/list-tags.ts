import { createHash } from 'node:crypto'
import { isTag } from '../../domain/tag'
import type { KnownList, ReadOptions, TagList } from '../contracts'
import type { Ask } from './ask'
import type { Endpoint } from './endpoint'
import { badAnswer, failureOf } from './failures'
import { one } from './headers'
import { jsonObject } from './json'
import { nextPage } from './links'

const pageSize = 1_000
const maxPages = 200
/** A worker judges many lists side by side, and a tag costs several times its length there: longer ones could end it. */
const maxTags = 50_000
/** 50,000 tags of the longest kind. A single page may be the whole list. */
const maxBytes = 8 * 1024 * 1024

interface Pages {
  bodies: Buffer[]
  /** of a list of one page */
  etag: string | undefined
  hash: string
}

/** All pages or an error: a list that is cut short would look like deleted tags. */
export async function listTags(
  ask: Ask,
  endpoint: Endpoint,
  options: ReadOptions,
  known: KnownList | undefined,
): Promise<TagList | 'unchanged'> {
  const pages = await readPages(ask, endpoint, options, known?.etag)
  if (pages === 'unchanged' || pages.hash === known?.hash) return 'unchanged'
  const tags = new Set<string>()
  let dropped = 0
  for (const body of pages.bodies) {
    for (const tag of tagsIn(body, endpoint))
      if (isTag(tag)) tags.add(tag)
      else dropped += 1
    if (tags.size > maxTags) throw badAnswer(endpoint, `it has more than ${maxTags} tags`)
  }
  return {
    tags: [...tags],
    hash: pages.hash,
    ...(pages.etag !== undefined && tellsOfNewTags(tags.size) ? { etag: pages.etag } : {}),
    ...(dropped > 0 ? { dropped } : {}),
  }
}

async function readPages(
  ask: Ask,
  endpoint: Endpoint,
  options: ReadOptions,
  etag: string | undefined,
): Promise<Pages | 'unchanged'> {
  const firstPath = `/v2/${endpoint.path}/tags/list?n=${pageSize}`
  const bodies: Buffer[] = []
  const hash = createHash('sha256')
  const seen = new Set<string>()
  let size = 0
  let firstEtag: string | undefined
  for (let path: string | undefined = firstPath; path !== undefined;) {
    if (seen.has(path)) throw badAnswer(endpoint, 'its pages of tags go round in a circle')
    if (seen.size >= maxPages) throw badAnswer(endpoint, `it has more than ${maxPages} pages of tags`)
    const isConditional = etag !== undefined && seen.size === 0
    seen.add(path)
    const { status, headers, body } = await ask(endpoint, options, {
      method: 'GET',
      path,
      headers: { accept: 'application/json', ...(isConditional ? { 'if-none-match': etag } : {}) },
      maxBytes,
    })
    if (status === 304 && isConditional) return 'unchanged'
    if (status !== 200) throw failureOf(endpoint, status)
    size += body.byteLength
    if (size > maxBytes) throw badAnswer(endpoint, `its pages of tags have more than ${maxBytes / 1_048_576} MiB`)
    hash.update(body)
    bodies.push(body)
    if (seen.size === 1) firstEtag = one(headers.etag)
    path = nextPage([headers.link ?? []].flat().join(', '), path, firstPath, endpoint)
  }
  const isUsable = seen.size === 1 && firstEtag !== undefined && /^(?:W\/)?"[\x21\x23-\x7e]{0,255}"$/.test(firstEtag)
  return { bodies, etag: isUsable ? firstEtag : undefined, hash: hash.digest('hex') }
}

/**
 * A page that is just full stays as it is when newer tags go to a second page, and so does its ETag. Page sizes are
 * round numbers.
 */
const tellsOfNewTags = (count: number): boolean => count % 10 !== 0

function tagsIn(body: Buffer, endpoint: Endpoint): string[] {
  const answer = jsonObject(body, endpoint)
  // A repository whose tags were all deleted answers with null.
  const tags = answer.tags === null ? [] : answer.tags
  if (!Array.isArray(tags)) throw badAnswer(endpoint, 'its answer has no list of tags', body)
  if (!tags.every((tag): tag is string => typeof tag === 'string'))
    throw badAnswer(endpoint, 'its list of tags has something else than text in it', body)
  return tags
}
