import { hkdfSync } from 'node:crypto'
import { EncryptJWT, jwtDecrypt } from 'jose'
import type { LoginAttempt } from '../clients/oidc-contracts'

/** How long somebody may take to log in at the provider, seconds. */
export const attemptSeconds = 600

const audience = 'refit/login'

/** What a browser keeps while it is at the provider, and where it goes afterwards. */
export interface KeptAttempt extends LoginAttempt {
  next: string
}

/**
 * Sealed, so that no other page or host can make one: with a key that every server of this client has, and that changes with
 * its secret.
 */
export const sealAttempt = ({ state, nonce, verifier, next }: KeptAttempt, clientSecret: string): Promise<string> =>
  new EncryptJWT({ state, nonce, verifier, next })
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime(`${attemptSeconds} seconds`)
    .encrypt(keyOf(clientSecret))

/** Undefined for one that is too old, or that this client never made. */
export async function openAttempt(sealed: string, clientSecret: string): Promise<KeptAttempt | undefined> {
  try {
    const { payload } = await jwtDecrypt<Record<keyof KeptAttempt, string>>(sealed, keyOf(clientSecret), {
      audience,
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    })
    const { state, nonce, verifier, next } = payload
    return { state, nonce, verifier, next }
  } catch {
    return undefined
  }
}

/** A path of this server, whatever was asked for. */
export function ownPath(asked: string | undefined): string {
  const base = 'http://refit.invalid'
  if (asked === undefined || !asked.startsWith('/') || !URL.canParse(asked, base)) return '/'
  const { origin, pathname, search, hash } = new URL(asked, base)
  // `/\` and `//` lead to other hosts; `/.//` is read as `//` by whoever follows it.
  return origin === base && !pathname.startsWith('//') ? `${pathname}${search}${hash}` : '/'
}

const keyOf = (clientSecret: string): Uint8Array => new Uint8Array(hkdfSync('sha256', clientSecret, '', audience, 32))
