import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import { z } from 'zod'
import type { Config } from '../config'
import { parseAppVersion } from '../domain/app-version'
import { RefitError } from '../domain/errors'
import type { ManifestComparison } from '../domain/manifest-diff'
import { type ReleaseDefinition, releaseNamePattern } from '../domain/release'
import { isTag } from '../domain/tag'
import { nearestTo } from '../domain/text'
import semver from 'semver'

const tag = z.string({ error: 'must be a tag' }).refine(isTag, { error: 'must be a tag, such as v19.8.3' })
const image = z
  .string()
  .regex(/^[a-zA-Z0-9*?[\]{},!()._/-]+$/, { error: 'must be an image path or a glob, such as hub/*' })
const service = z.string().min(1, { error: 'must name a service' })
const schema = z.strictObject({
  release: z
    .union([z.string(), z.number()], { error: 'must be a name, such as "17.1.0"' })
    .transform(String)
    .refine((name) => releaseNamePattern.test(name), { error: 'must be letters, digits, dots and dashes, at most 64' }),
  services: z
    .record(image, tag, { error: 'must map images to tags' })
    .refine((all) => Object.keys(all).length > 0, { error: 'must name a service' }),
  requires: z
    .record(
      image,
      z.string().refine((range) => semver.validRange(range) !== null, { error: 'must be a range, such as ">=2.0.0"' }),
      {
        error: 'must map images to ranges',
      },
    )
    .default({}),
  order: z
    .array(z.strictObject({ first: service, then: z.array(service, { error: 'must be a list' }).min(1) }), {
      error: 'must be a list of { first, then }',
    })
    .default([]),
})

/**
 * The release that a person names: a YAML file, a Chart.yaml (or its folder) whose appVersion lists images, or a release
 * of refit.yaml's bill of materials. RELEASE_INVALID names every problem; RELEASE_UNKNOWN the nearest names.
 */
export function readRelease(named: string, { billOfMaterials }: Pick<Config, 'billOfMaterials'>): ReleaseDefinition {
  const releases = billOfMaterials?.releases ?? {}
  if (Object.hasOwn(releases, named))
    return definition(named, releases[named] ?? {}, `${billOfMaterials?.product} ${named} of the bill of materials`)
  const file = fileOf(named)
  if (file !== undefined) return readReleaseFile(file)
  const near = nearestTo(named, Object.keys(releases))
  throw new RefitError(
    'RELEASE_UNKNOWN',
    `There is no file ${named}, and the bill of materials has no such release.`,
    near.length > 0
      ? `Did you mean ${near.join(' or ')}?`
      : 'Name a YAML file, a Chart.yaml, or write billOfMaterials in refit.yaml.',
  )
}

/** The release that two renderings of a chart make: its images, and what else differs. */
export function releaseOfManifests(name: string, compared: ManifestComparison, source: string): ReleaseDefinition {
  const { images, differences, problems } = compared
  if (!releaseNamePattern.test(name)) problems.push('the name of the release must be letters, digits, dots and dashes')
  if (Object.keys(images).length === 0) problems.push('no image moves from the old manifests to the new')
  if (problems.length > 0) throw invalid(source, problems)
  return { ...definition(name, images, source), ...(differences.length > 0 ? { differences } : {}) }
}

function fileOf(named: string): string | undefined {
  if (!existsSync(named)) return undefined
  if (!statSync(named).isDirectory()) return named
  const chart = join(named, 'Chart.yaml')
  return existsSync(chart) ? chart : undefined
}

function readReleaseFile(file: string): ReleaseDefinition {
  const document = parseDocument(readFileSync(file, 'utf8'), { prettyErrors: true })
  if (document.errors.length > 0)
    throw invalid(
      file,
      document.errors.map(({ message }) => message.split('\n')[0] ?? ''),
    )
  const tree: unknown = document.toJS({ maxAliasCount: 100 })
  if (isChart(tree)) return ofChart(file, tree)
  const parsed = schema.safeParse(tree)
  if (!parsed.success) throw invalid(file, parsed.error.issues.map(problemOf))
  const { release, services, requires, order } = parsed.data
  return { release, services, requires, order, source: file }
}

interface ChartFile {
  appVersion: unknown
  version?: unknown
}

const isChart = (tree: unknown): tree is ChartFile => typeof tree === 'object' && tree !== null && 'appVersion' in tree

function ofChart(file: string, { appVersion, version }: ChartFile): ReleaseDefinition {
  const parsed = typeof appVersion === 'string' ? parseAppVersion(appVersion) : undefined
  const name = typeof version === 'string' ? version : ''
  const problems = [
    ...(releaseNamePattern.test(name) ? [] : ['version must be the name of the release, such as 17.1.0']),
    ...(parsed ? parsed.problems : ['appVersion lists no images: "central-ledger: v19.7.4; quoting-service: v17.2.0"']),
  ]
  if (problems.length > 0) throw invalid(file, problems)
  return definition(name, parsed?.services ?? {}, file)
}

const definition = (release: string, services: ReleaseDefinition['services'], source: string): ReleaseDefinition => ({
  ...{ release, services, requires: {}, order: [], source },
})

function problemOf(issue: z.core.$ZodIssue): string {
  const path = issue.path.join('.') || 'the file'
  if (issue.code === 'unrecognized_keys')
    return `${issue.keys.join(', ')} is no key of a release; known are release, services, requires and order`
  return `${path} ${issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message}`
}

function invalid(file: string, problems: readonly string[]): RefitError {
  const count = `${problems.length} problem${problems.length === 1 ? '' : 's'}`
  return new RefitError(
    'RELEASE_INVALID',
    `${file} has ${count}:\n${problems.map((line) => `  ${line}`).join('\n')}\n`,
    'Correct it; nothing was started.',
  )
}
