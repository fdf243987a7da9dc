import semver from 'semver'
import { type BillOfMaterials, releaseVersion } from './bill-of-materials'
import type { DecisionKind } from './decision'
import { repositoryPath } from './image'
import { compareVersions, parseVersion } from './version'

/** Where the hub stands among the releases of its bill of materials. */
export interface HubRelease {
  product: string
  /** as the bill of materials writes it */
  release: string
  /** services that run something newer than the release names, and older */
  ahead: number
  behind: number
  unsupported: number
}

export interface RunningService {
  /** without registry host */
  repositoryPath: string
  current: string
  kind: DecisionKind
}

/**
 * The release that most services run, or a later bugfix of it; of several the one that more of them run exactly, then the
 * newest. Undefined without a bill of materials, or when it names nothing that runs.
 */
export function hubRelease(
  services: readonly RunningService[],
  bom: BillOfMaterials | undefined,
): HubRelease | undefined {
  const ranked = Object.entries(bom?.releases ?? {})
    .map(([release, images]) => ({ release, places: services.flatMap((each) => placeOf(each, images)) }))
    .map((each) => ({ ...each, kept: countOf(each.places, 'same') + countOf(each.places, 'bugfix') }))
    .filter(({ places }) => places.length > 0)
    .sort(
      (a, b) =>
        b.kept - a.kept ||
        countOf(b.places, 'same') - countOf(a.places, 'same') ||
        semver.rcompare(releaseVersion(a.release), releaseVersion(b.release)),
    )
  const [best] = ranked
  if (!best || !bom) return undefined
  return {
    product: bom.product,
    release: best.release,
    ahead: countOf(best.places, 'bugfix') + countOf(best.places, 'ahead'),
    behind: countOf(best.places, 'behind'),
    unsupported: services.filter(({ kind }) => kind === 'unsupported').length,
  }
}

type Place = 'same' | 'bugfix' | 'ahead' | 'behind'

const countOf = (places: readonly Place[], place: Place): number => places.filter((each) => each === place).length

function placeOf({ repositoryPath, current }: RunningService, images: Readonly<Record<string, string>>): [] | [Place] {
  const tag = Object.hasOwn(images, repositoryPath) ? images[repositoryPath] : undefined
  if (tag === undefined) return []
  if (tag === current) return ['same']
  const [runs, named] = [parseVersion(current), parseVersion(tag)]
  if (!runs || !named) return []
  if (compareVersions(runs, named) < 0) return ['behind']
  return [runs.numbers[0] === named.numbers[0] && runs.numbers[1] === named.numbers[1] ? 'bugfix' : 'ahead']
}

/** `Mojaloop 17.1: 2 services ahead, 1 unsupported` */
export function describeHubRelease({ product, release, ahead, behind, unsupported }: HubRelease): string {
  const services = (count: number): string => `${count} ${count === 1 ? 'service' : 'services'}`
  const counts: [number, string][] = [
    [ahead, 'ahead'],
    [behind, 'behind'],
    [unsupported, 'unsupported'],
  ]
  const told = counts.filter(([count]) => count > 0)
  const words = told.map(([count, word], index) => `${index === 0 ? services(count) : count} ${word}`)
  return `${product} ${release.replace(/^(\d+\.\d+)\.0$/, '$1')}: ${words.join(', ') || 'every service as released'}`
}

/** What the hub's release says to a tag that it does not name: `out of sync with 17.1.0, which has v19.8.3`. */
export function outOfSync(
  decisions: readonly { repository: string; current: string; kind: DecisionKind }[],
  { repository, tag }: { repository: string; tag: string },
  bom: BillOfMaterials | undefined,
): string | undefined {
  if (!bom) return undefined
  const services = decisions.map((each) => ({ ...each, repositoryPath: repositoryPath(each.repository) }))
  const release = hubRelease(services, bom)?.release
  const named = release === undefined ? undefined : bom.releases[release]?.[repositoryPath(repository)]
  return named === undefined || named === tag ? undefined : `out of sync with ${release}, which has ${named}`
}
