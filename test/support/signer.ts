import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { initializeCA, initializeCTLog } from '@sigstore/mock/dist/fulcio'
import { initializeTLog } from '@sigstore/mock/dist/rekor'
import type { FoundSignature } from '../../src/clients/registry/signatures'
import type { SignatureRule } from '../../src/domain/signature'

type Simple = Extract<FoundSignature, { kind: 'simple' }>
type Bundled = Extract<FoundSignature, { kind: 'bundle' }>

const sha256 = (content: string | Buffer): Buffer => createHash('sha256').update(content).digest()
const ec = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
const pemOf = (der: Buffer, label: string): string =>
  `-----BEGIN ${label}-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`

/** The text that cosign's older form signs. */
export const payloadOf = (digest: string, type = 'cosign container image signature'): Buffer =>
  Buffer.from(
    JSON.stringify({
      critical: { identity: { 'docker-reference': '' }, image: { 'docker-manifest-digest': digest }, type },
      optional: null,
    }),
  )

/** The statement that cosign's newer form signs. */
export const statementOf = (digest: string, predicateType = 'https://sigstore.dev/cosign/sign/v1'): Buffer =>
  Buffer.from(
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: '', digest: { sha256: digest.replace('sha256:', '') } }],
      predicateType,
      predicate: {},
    }),
  )

const payloadType = 'application/vnd.in-toto+json'
const paeOf = (payload: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `), payload])

/** Somebody with a key pair, who signs as `cosign sign --key` does. */
export function keySigner(pair: { publicKey: KeyObject; privateKey: KeyObject } = ec()) {
  const der = pair.publicKey.export({ type: 'spki', format: 'der' })
  const pem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const signed = (content: Buffer): Buffer => sign('sha256', content, pair.privateKey)
  return {
    pem,
    rule: { kind: 'key', pem, sha256: sha256(der).toString('hex') } satisfies SignatureRule,
    simple: (payload: Buffer): Simple => ({ kind: 'simple', payload, signature: signed(payload).toString('base64') }),
    bundle: (statement: Buffer, hint = sha256(der).toString('base64')): Bundled => ({
      kind: 'bundle',
      bundle: {
        mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
        verificationMaterial: { publicKey: { hint }, tlogEntries: [] },
        dsseEnvelope: envelopeOf(statement, signed(paeOf(statement))),
      },
    }),
  }
}

const envelopeOf = (payload: Buffer, signature: Buffer): object => ({
  payload: payload.toString('base64'),
  payloadType,
  signatures: [{ sig: signature.toString('base64'), keyid: '' }],
})

/** An entry as the log answers it; the package that has its type is none of ours. */
interface Logged {
  body: string
  integratedTime: number
  logIndex: number
  logID: string
  verification: {
    signedEntryTimestamp: string
    inclusionProof: { logIndex: number; treeSize: number; rootHash: string; checkpoint: string }
  }
}

export interface Identity {
  identity: string
  issuer: string
}

/** A certificate authority and a transparency log of one's own, and people with identities who sign by them. */
export async function identitySigners() {
  const keys = ec()
  const ctLog = await initializeCTLog(keys)
  const authority = await initializeCA(keys, ctLog)
  const log = await initializeTLog('https://rekor.example.org', keys)
  const known = (publicKey: Buffer) => ({
    baseUrl: 'https://rekor.example.org',
    hashAlgorithm: 'SHA2_256',
    publicKey: {
      rawBytes: publicKey.toString('base64'),
      keyDetails: 'PKIX_ECDSA_P256_SHA_256',
      validFor: { start: new Date(0).toISOString() },
    },
    logId: { keyId: sha256(publicKey).toString('base64') },
  })
  const trustedRoot = JSON.stringify({
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [known(log.publicKey)],
    certificateAuthorities: [
      {
        subject: { organization: 'sigstore.mock', commonName: 'sigstore' },
        uri: 'https://fulcio.example.org',
        certChain: { certificates: [{ rawBytes: authority.rootCertificate.toString('base64') }] },
        validFor: { start: new Date(0).toISOString() },
      },
    ],
    ctlogs: [known(ctLog.publicKey)],
    timestampAuthorities: [],
  })
  const sealed = async ({ identity, issuer }: Identity) => {
    const own = ec()
    const certificate = await authority.issueCertificate({
      publicKey: own.publicKey.export({ type: 'spki', format: 'der' }),
      subjectAltName: identity,
      extensions: [{ oid: '1.3.6.1.4.1.57264.1.8', value: issuer }],
    })
    return { certificate, signed: (content: Buffer): Buffer => sign('sha256', content, own.privateKey) }
  }
  const logged = async (entry: object): Promise<Logged> => {
    const [found] = Object.values((await log.log(entry)) as Record<string, Logged>)
    if (!found) throw new Error('the log keeps nothing')
    return found
  }
  return {
    trustedRoot,
    rule: (who: Identity): SignatureRule => ({
      ...{ kind: 'keyless', ...who },
      ...{ trustedRoot, sha256: sha256(trustedRoot).toString('hex') },
    }),
    async simple(who: Identity, payload: Buffer): Promise<Simple> {
      const { certificate, signed } = await sealed(who)
      const pem = pemOf(certificate, 'CERTIFICATE')
      const signature = signed(payload).toString('base64')
      const { body, integratedTime, logIndex, logID, verification } = await logged({
        ...{ apiVersion: '0.0.1', kind: 'hashedrekord' },
        spec: {
          data: { hash: { algorithm: 'sha256', value: sha256(payload).toString('hex') } },
          signature: { content: signature, publicKey: { content: Buffer.from(pem).toString('base64') } },
        },
      })
      const entry = {
        SignedEntryTimestamp: verification.signedEntryTimestamp,
        Payload: { body, integratedTime, logIndex, logID },
      }
      return { kind: 'simple', payload, signature, certificate: pem, log: JSON.stringify(entry) }
    },
    async bundle(who: Identity, statement: Buffer): Promise<Bundled> {
      const { certificate, signed } = await sealed(who)
      const signature = signed(paeOf(statement))
      const { body, integratedTime, logIndex, logID, verification } = await logged({
        ...{ apiVersion: '0.0.1', kind: 'dsse' },
        spec: {
          payloadHash: { algorithm: 'sha256', value: sha256(statement).toString('hex') },
          signatures: [{ signature: signature.toString('base64'), verifier: certificate.toString('base64') }],
        },
      })
      const { checkpoint, ...proof } = verification.inclusionProof
      return {
        kind: 'bundle',
        bundle: {
          mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
          verificationMaterial: {
            certificate: { rawBytes: certificate.toString('base64') },
            tlogEntries: [
              {
                logIndex: String(logIndex),
                logId: { keyId: Buffer.from(logID, 'hex').toString('base64') },
                kindVersion: { kind: 'dsse', version: '0.0.1' },
                integratedTime: String(integratedTime),
                inclusionPromise: { signedEntryTimestamp: verification.signedEntryTimestamp },
                inclusionProof: {
                  logIndex: String(proof.logIndex),
                  treeSize: String(proof.treeSize),
                  rootHash: Buffer.from(proof.rootHash, 'hex').toString('base64'),
                  hashes: [],
                  checkpoint: { envelope: checkpoint },
                },
                canonicalizedBody: body,
              },
            ],
          },
          dsseEnvelope: envelopeOf(statement, signature),
        },
      }
    },
  }
}
