/** What a manifest and its config say of an image. Written by its publisher: looked at, never trusted. */
export interface ImageFacts {
  /** sha256:… of the manifest or index */
  digest: string
  /**
   * `linux/amd64`, `linux/arm64/v8`; of an index all its platforms, attestations (`unknown/unknown`) left out; empty when
   * it could not be told
   */
  platforms: string[]
  /** what the publisher wrote, epoch ms */
  created?: number
  /** OCI labels or annotations, at most 8 KiB of text together */
  source?: string
  revision?: string
  version?: string
  title?: string
  changelog?: string
  /** `refit/…` labels: breaking, security, feature or bugfix; files of data migrations; what operators have to do; the notes in short */
  change?: string
  migrations?: string
  todo?: string
  notes?: string
}

/** Whether an image of these platforms runs on this node: `linux/arm64` nodes run `linux/arm64/v8`, as nodes tell no variant. */
export const runsOnAny = (platforms: readonly string[], node: string): boolean =>
  platforms.some((image) => image === node || image.startsWith(`${node}/`))
