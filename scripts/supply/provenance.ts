import { createHash } from 'node:crypto'
import { git } from '../release/git'
import type { Tagged } from '../release/release'

interface Subject {
  /** with its registry, without a tag */
  image: string
  /** sha256:… */
  digest: string
  /** who builds, a URL */
  builder: string
}

/**
 * How an image came about, as an in-toto statement with SLSA's provenance (https://slsa.dev/spec/v1.0/provenance): which
 * commit and which lock file, by whom. Not signed: the hosted runner's own attestation is.
 */
export function provenanceOf(
  folder: string,
  { tag, version, component, labels }: Tagged,
  { image, digest, builder }: Subject,
) {
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new Error(`${digest} is not a sha256 digest`)
  const source = labels['org.opencontainers.image.source'] ?? ''
  const revision = labels['org.opencontainers.image.revision'] ?? ''
  const lock = createHash('sha256')
    .update(git(folder, 'show', `${tag}:package-lock.json`))
    .update('\n')
    .digest('hex')
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: image, digest: { sha256: digest.slice('sha256:'.length) } }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: `${source}/blob/${revision}/${component.dockerfile}`,
        externalParameters: { component: component.name, tag, version },
        resolvedDependencies: [
          { uri: `git+${source}@refs/tags/${tag}`, digest: { gitCommit: revision } },
          { uri: 'package-lock.json', digest: { sha256: lock } },
        ],
      },
      runDetails: { builder: { id: builder }, metadata: { startedOn: labels['org.opencontainers.image.created'] } },
    },
  }
}
