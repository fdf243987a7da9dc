/** Who must have signed a candidate. Of several rules of a policy one that is met is enough. */
export type SignatureRule =
  | {
      kind: 'key'
      /** the public key, PEM */
      pem: string
      /** of the key's DER, in hex */
      sha256: string
    }
  | {
      kind: 'keyless'
      /** of the identity, such as https://token.actions.githubusercontent.com */
      issuer: string
      /** the whole subject of the certificate; `*` stands for a part between slashes, `**` for any number of them */
      identity: string
      /** Sigstore's trusted_root.json: whose certificates and logs count */
      trustedRoot: string
      /** of that text, in hex */
      sha256: string
    }

/** `unsigned`: by nobody of the policy. `bad-signature`: what claims to be a signature of this image is none. */
export type SignatureVerdict =
  | { kind: 'signed'; /** in words */ by: string }
  | { kind: 'held'; verdict: 'unsigned' | 'bad-signature'; /** what is said behind the tag */ reason: string }

/** What one signature is to one rule. */
export type SignatureOutcome =
  | { kind: 'good'; /** who signed, in words */ by: string }
  | { kind: 'other'; /** who signed, in words */ by: string }
  | { kind: 'bad'; reason: string }

/** How a rule is written in plans: whoever changes the key, the identity or the root makes another plan. */
export const ruleWords = (rule: SignatureRule): string =>
  rule.kind === 'key'
    ? `cosign key sha256:${rule.sha256}`
    : `${rule.identity} by ${rule.issuer} (trusted root sha256:${rule.sha256})`

/** The same, short enough for a sentence. */
export const ruleName = (rule: SignatureRule): string =>
  rule.kind === 'key' ? `the key sha256:${rule.sha256.slice(0, 12)}` : rule.identity

const toldAtMost = 3

/**
 * What is said of an image by all that was found beside it: one good signature is enough; one that is none is worse than
 * no signature, because somebody made it.
 */
export function judgeSignatures(
  rules: readonly SignatureRule[],
  outcomes: readonly SignatureOutcome[],
): SignatureVerdict {
  for (const outcome of outcomes) if (outcome.kind === 'good') return { kind: 'signed', by: outcome.by }
  const bad = outcomes.flatMap((outcome) => (outcome.kind === 'bad' ? [outcome.reason] : []))
  const held = (verdict: 'unsigned' | 'bad-signature', reason: string): SignatureVerdict => ({
    ...{ kind: 'held', verdict },
    reason,
  })
  if (bad.length > 0) return held('bad-signature', `has a signature that can't be trusted: ${some(bad)}`)
  const wanted = rules.map(ruleName).join(' or ')
  const others = outcomes.flatMap((outcome) => (outcome.kind === 'other' ? [outcome.by] : []))
  return others.length > 0
    ? held('unsigned', `is not signed by ${wanted}, but by ${some(others)}`)
    : held('unsigned', `is not signed; the policy wants a signature by ${wanted}`)
}

function some(words: readonly string[]): string {
  const all = [...new Set(words)]
  const more = all.length - toldAtMost
  return `${all.slice(0, toldAtMost).join('; ')}${more > 0 ? `; and ${more} more` : ''}`
}
