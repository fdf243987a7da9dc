import semver from 'semver'

/** Which image belongs to which release of the product that the hub runs. */
export interface BillOfMaterials {
  product: string
  /** hub release -> image path (without registry host) -> tag */
  releases: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/** The releases of the bill of materials within an x-range, oldest first. */
export function releasesIn(
  range: string,
  bom: BillOfMaterials | undefined,
): [string, Readonly<Record<string, string>>][] {
  return Object.entries(bom?.releases ?? {})
    .filter(([release]) => semver.satisfies(releaseVersion(release), range))
    .sort(([a], [b]) => semver.compare(releaseVersion(a), releaseVersion(b)))
}

/** `17.1`, `17.1.0` and `17.1.x` are 17.1.0. */
export const releaseVersion = (release: string): string => semver.coerce(release)?.version ?? '0.0.0'
