/** What an image says of itself, as its publisher wrote it. */
export interface ImageFacts {
  digest: string
  /** "linux/amd64", "linux/arm64/v8"; of an index all its platforms (attestations "unknown/unknown" left out); empty = could not be told */
  platforms: string[]
  /** what the publisher wrote, epoch ms */
  created?: number
  /** OCI labels/annotations that say what the image is, at most 4 KiB of text together */
  source?: string
  revision?: string
  version?: string
  title?: string
  changelog?: string
}
