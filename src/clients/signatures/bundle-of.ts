import { createHash, X509Certificate } from 'node:crypto'
import { type Bundle, bundleFromJSON } from '@sigstore/bundle'
import type { FoundSignature } from '../registry/signatures'

/** Another form than Refit reads, or no signature at all: it says nothing for or against the image. */
export class NoSignature extends Error {}

/** A signature in the one form that is verified, and the image that it says it is of. */
export interface Readable {
  bundle: Bundle
  /** what is signed, where that is no envelope */
  artifact?: Buffer
  /** sha256:…, of every image that it names */
  digests: string[]
}

/**
 * A signature as a Sigstore bundle. Throws NoSignature for what is none, and any other error for what can't be read.
 */
export function readableOf(found: Exclude<FoundSignature, { kind: 'unreadable' }>): Readable {
  return found.kind === 'simple' ? simple(found) : enveloped(bundleFromJSON(found.bundle))
}

/** The older form: the text and its signature side by side. */
function simple(found: Extract<FoundSignature, { kind: 'simple' }>): Readable {
  const { payload, signature, certificate, log } = found
  const material =
    certificate === undefined
      ? { publicKey: { hint: '' } }
      : {
          x509CertificateChain: {
            certificates: [{ rawBytes: new X509Certificate(certificate).raw.toString('base64') }],
          },
        }
  const bundle = bundleFromJSON({
    mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.1',
    verificationMaterial: { ...material, tlogEntries: log === undefined ? [] : [logEntry(log)] },
    messageSignature: {
      messageDigest: { algorithm: 'SHA2_256', digest: sha256(payload) },
      signature,
    },
  })
  return { bundle, artifact: payload, digests: [imageIn(payload)] }
}

const sha256 = (payload: Buffer): string => createHash('sha256').update(payload).digest('base64')

interface LogEntry {
  SignedEntryTimestamp: string
  Payload: { body: string; integratedTime: number; logIndex: number; logID: string }
}

/** As cosign notes it: the log's promise over an entry. */
function logEntry(text: string): object {
  const { SignedEntryTimestamp: promise, Payload: payload } = JSON.parse(text) as LogEntry
  const body = JSON.parse(Buffer.from(payload.body, 'base64').toString('utf8')) as { kind: string; apiVersion: string }
  return {
    logIndex: String(payload.logIndex),
    logId: { keyId: Buffer.from(payload.logID, 'hex').toString('base64') },
    kindVersion: { kind: body.kind, version: body.apiVersion },
    integratedTime: String(payload.integratedTime),
    inclusionPromise: { signedEntryTimestamp: promise },
    canonicalizedBody: payload.body,
  }
}

/** The digest in the text of the "simple signing" form. */
function imageIn(payload: Buffer): string {
  const { critical } = JSON.parse(payload.toString('utf8')) as {
    critical?: { type?: unknown; image?: { 'docker-manifest-digest'?: unknown } }
  }
  const digest = critical?.image?.['docker-manifest-digest']
  if (critical?.type !== 'cosign container image signature' || typeof digest !== 'string')
    throw new Error('what it signs names no image')
  return digest
}

const inToto = 'application/vnd.in-toto+json'
/** Statements that mean "this is from me". What else is said of an image, such as its flaws, is no signature. */
const meansSigned: ReadonlySet<unknown> = new Set([
  'https://sigstore.dev/cosign/sign/v1',
  'https://slsa.dev/provenance/v1',
  'https://slsa.dev/provenance/v0.2',
])

/** The newer form: a statement about the image in a signed envelope. */
function enveloped(bundle: Bundle): Readable {
  if (bundle.content.$case !== 'dsseEnvelope') throw new NoSignature('it is not about an image')
  const { payload, payloadType } = bundle.content.dsseEnvelope
  if (payloadType !== inToto) throw new NoSignature('its payload is no statement')
  const { predicateType, subject } = JSON.parse(payload.toString('utf8')) as {
    predicateType?: unknown
    subject?: { digest?: { sha256?: unknown } }[]
  }
  if (!meansSigned.has(predicateType)) throw new NoSignature('it states something else')
  const digests = (Array.isArray(subject) ? subject : []).flatMap(({ digest }) =>
    typeof digest?.sha256 === 'string' ? [`sha256:${digest.sha256}`] : [],
  )
  if (digests.length === 0) throw new Error('its statement names no image')
  return { bundle, digests }
}
