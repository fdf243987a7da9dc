/** The schema of a policy's `signatures`, and the files that it names. */
import { createHash, createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import type { SignatureRule } from '../domain/signature'
import type { Problem } from './problems'
import { items, treeOf, type Tree } from './tree'
import { object, text, url } from './values'

/** Loaded where a policy names a root: few do, and every command reads refit.yaml. */
// eslint-disable-next-line @typescript-eslint/no-require-imports, @typescript-eslint/consistent-type-imports -- import() would make all of this asynchronous
const roots = () => (require('@sigstore/protobuf-specs') as typeof import('@sigstore/protobuf-specs')).TrustedRoot

const keyAllowed = 'must be a public key in PEM or the path of a file with one'
const keyed = object({
  key: z.string({ error: keyAllowed }).min(1, { error: keyAllowed }).describe('PEM, or a file relative to this one'),
})
const keyless = object({
  keyless: object({
    issuer: url.describe('of the identity, such as https://token.actions.githubusercontent.com'),
    identity: text().describe(
      'the subject of the certificate, such as https://github.com/org/repo/.github/workflows/release.yml@refs/tags/**',
    ),
    trustedRoot: text('must be the path of a trusted_root.json').describe(
      'whose certificates and logs count; a file relative to this one, so that nobody has to be asked',
    ),
  }),
})

export const signature = object({
  cosign: z.union([keyed, keyless], { error: 'must be { key } or { keyless: { issuer, identity, trustedRoot } }' }),
})

type Written = z.output<typeof signature>

const sha256 = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex')

/** A rule with its key or root read. Throws an error whose message is what is wrong with the value. */
export function readSignature({ cosign }: Written, folder: string): SignatureRule {
  if ('key' in cosign) return readKey(cosign.key, folder)
  const { issuer, identity, trustedRoot: file } = cosign.keyless
  const trustedRoot = read(file, folder)
  const root = rootOf(trustedRoot)
  if (!root || root.certificateAuthorities.length === 0 || root.tlogs.length + root.timestampAuthorities.length === 0)
    throw new Error('must be a trusted_root.json with a certificate authority and a log or a timestamp authority')
  return { kind: 'keyless', issuer, identity, trustedRoot, sha256: sha256(trustedRoot) }
}

function rootOf(json: string): ReturnType<ReturnType<typeof roots>['fromJSON']> | undefined {
  try {
    return roots().fromJSON(JSON.parse(json))
  } catch {
    return undefined
  }
}

function readKey(written: string, folder: string): SignatureRule {
  const pem = written.includes('-----BEGIN') ? written : read(written, folder)
  if (pem.includes('PRIVATE KEY')) throw new Error('must be a public key, and this is a private one')
  let key
  try {
    key = createPublicKey(pem)
  } catch {
    throw new Error(keyAllowed)
  }
  if (!['ec', 'rsa'].includes(key.asymmetricKeyType ?? '')) throw new Error('must be an ECDSA or RSA key')
  return { kind: 'key', pem, sha256: sha256(key.export({ type: 'spki', format: 'der' })) }
}

function read(file: string, folder: string): string {
  try {
    return readFileSync(resolve(folder, file), 'utf8')
  } catch (error) {
    throw new Error(`can't be read (${(error as NodeJS.ErrnoException).code ?? 'unreadable'})`, { cause: error })
  }
}

/** What is wrong with keys and roots that signatures name. The values themselves are not shown: one may be a private key. */
export function signatureProblems(tree: unknown, folder: string): Problem[] {
  return items(tree, 'policies').flatMap((policy, index) =>
    items(policy, 'signatures').flatMap((each, position) =>
      problemOf(each, folder, ['policies', index, 'signatures', position]),
    ),
  )
}

function problemOf(written: Tree, folder: string, at: (string | number)[]): Problem[] {
  const parsed = signature.safeParse(written)
  if (!parsed.success) return []
  const cosign = treeOf(written.cosign)
  const path = [...at, 'cosign', ...('key' in cosign ? ['key'] : ['keyless', 'trustedRoot'])]
  try {
    readSignature(parsed.data, folder)
    return []
  } catch (error) {
    return [{ path, message: error instanceof Error ? error.message : String(error), secret: true }]
  }
}
