import { createPublicKey } from 'node:crypto'
import { TrustedRoot } from '@sigstore/protobuf-specs'
import { type Signer, toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify'
import picomatch from 'picomatch'
import {
  judgeSignatures,
  ruleName,
  type SignatureOutcome,
  type SignatureRule,
  type SignatureVerdict,
} from '../../domain/signature'
import { clean } from '../../domain/text'
import type { FoundSignature } from '../registry/signatures'
import { NoSignature, type Readable, readableOf } from './bundle-of'

type KeyRule = Extract<SignatureRule, { kind: 'key' }>
type KeylessRule = Extract<SignatureRule, { kind: 'keyless' }>

const longest = 200

/**
 * Whether an image is signed as the rules say, by what was found beside it. Asks nobody: keys and roots are those of the
 * policy, and the entries of the transparency log are judged by their own proofs.
 */
export function verifySignatures(
  found: readonly FoundSignature[],
  { digest, rules }: { digest: string; rules: readonly SignatureRule[] },
): SignatureVerdict {
  const outcomes = found.flatMap((each) => rules.flatMap((rule) => outcomeOf(each, rule, digest) ?? []))
  return judgeSignatures(rules, outcomes)
}

/** Undefined where it is no signature. */
function outcomeOf(found: FoundSignature, rule: SignatureRule, digest: string): SignatureOutcome | undefined {
  if (found.kind === 'unreadable') return { kind: 'bad', reason: clean(found.reason, longest) }
  try {
    const readable = readableOf(found)
    const outcome = rule.kind === 'key' ? byKey(readable, rule) : byIdentity(readable, rule)
    return outcome.kind === 'good' && !readable.digests.includes(digest)
      ? { kind: 'bad', reason: `it was made for another image (${clean(readable.digests[0] ?? '', longest)})` }
      : outcome
  } catch (error) {
    if (error instanceof NoSignature) return undefined
    return { kind: 'bad', reason: clean(error instanceof Error ? error.message : String(error), longest) }
  }
}

function byKey(readable: Readable, rule: KeyRule): SignatureOutcome {
  const { content } = readable.bundle.verificationMaterial
  if (content.$case !== 'publicKey') return { kind: 'other', by: signerWords(readable) }
  const { hint } = content.publicKey
  if (hint !== '' && hint !== Buffer.from(rule.sha256, 'hex').toString('base64'))
    return { kind: 'other', by: `the key with the hint ${clean(hint, longest)}` }
  const key = { publicKey: createPublicKey(rule.pem), validFor: () => true }
  // What a log says of it is not asked: the key alone is trusted, and no log is.
  const trusted = toTrustMaterial(TrustedRoot.fromJSON({}), () => key)
  const verifier = new Verifier(trusted, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 })
  try {
    verifier.verify({ ...entityOf(readable), tlogEntries: [], timestamps: [] })
    return { kind: 'good', by: ruleName(rule) }
  } catch {
    return { kind: 'bad', reason: `${ruleName(rule)} did not make it, or it was made for something else` }
  }
}

function byIdentity(readable: Readable, rule: KeylessRule): SignatureOutcome {
  if (readable.bundle.verificationMaterial.content.$case === 'publicKey') return { kind: 'other', by: 'a key' }
  const root = TrustedRoot.fromJSON(JSON.parse(rule.trustedRoot))
  const one = (list: readonly unknown[]): number => Math.min(list.length, 1)
  // What a root knows must be there; a private one may do without logs, but never without a proof of when.
  const verifier = new Verifier(toTrustMaterial(root), {
    tlogThreshold: one(root.tlogs),
    ctlogThreshold: one(root.ctlogs),
    timestampThreshold: 1,
  })
  return ofIdentity(verifier.verify(entityOf(readable)), rule)
}

function ofIdentity({ identity }: Signer, rule: KeylessRule): SignatureOutcome {
  const subject = identity?.subjectAlternativeName ?? ''
  const issuer = identity?.extensions?.issuer ?? ''
  const isMeant = issuer === rule.issuer && (subject === rule.identity || matcherOf(rule.identity)(subject))
  return { kind: isMeant ? 'good' : 'other', by: `${clean(subject, longest)} (${clean(issuer, longest)})` }
}

const entityOf = ({ bundle, artifact }: Readable) => toSignedEntity(bundle, artifact)

/** Before anything is verified nobody knows whose certificate it is. */
const signerWords = ({ bundle }: Readable): string =>
  bundle.verificationMaterial.content.$case === 'publicKey' ? 'another key' : 'somebody with a certificate'

const matcherOf = (pattern: string): picomatch.Matcher =>
  picomatch(pattern, { dot: true, nobrace: true, noextglob: true, nonegate: true, strictSlashes: true })
