/** How an image wants to be run, from its config. Written by its publisher: looked at, never trusted. */
export interface ImageContract {
  /** `linux/amd64`; of an index all; empty when it could not be told */
  platforms: string[]
  /** `/` when it says nothing */
  workingDir: string
  /** as written; empty: root */
  user: string
  entrypoint: string[]
  cmd: string[]
  /** TCP ports of EXPOSE */
  ports: number[]
}
