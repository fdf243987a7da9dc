import { createRemoteJWKSet, errors, jwtVerify } from 'jose'
import * as client from 'openid-client'
import type { OidcRules } from '../config'
import { RefitError } from '../domain/errors'
import type { Claims, OidcProvider } from './oidc-contracts'
import { oidcError } from './oidc-errors'

const timeoutSeconds = 10
/** Of clocks that differ. */
const toleranceSeconds = 30

/** Whose key is public: with a shared one whoever checks a token could make it. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']

/** Of an access token, in lower case; some providers name none. An ID token or a logout token has others or another audience. */
const tokenTypes: ReadonlySet<string> = new Set(['', 'jwt', 'at+jwt', 'application/at+jwt'])

/** A provider that is asked about itself when it is first needed. `origin`: where people reach Refit. */
export function createOidcProvider(rules: OidcRules, origin: string): OidcProvider {
  const redirectUri = new URL('/auth/oidc/callback', origin).href
  const configuration = remembered(() => discover(rules))
  const keys = remembered(async () => keysOf(await configuration()))

  return {
    newAttempt: () => ({
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
    }),

    loginUrl: ({ state, nonce, verifier }) =>
      asRefit(async () => {
        const url = client.buildAuthorizationUrl(await configuration(), {
          redirect_uri: redirectUri,
          scope: [...new Set(['openid', ...rules.requestScopes])].join(' '),
          ...{ state, nonce },
          code_challenge: await client.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
        })
        return url.href
      }),

    whoCameBack: (query, { state, nonce, verifier }) =>
      asRefit(async () => {
        const config = await configuration()
        const tokens = await client.authorizationCodeGrant(config, new URL(query, redirectUri), {
          ...{ expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier },
          idTokenExpected: true,
        })
        const claims = tokens.claims() as client.IDToken
        return { ...(await moreAbout(config, tokens.access_token, claims, rules)), ...claims }
      }),

    verify: (token) =>
      asRefit(async () => {
        const { issuer } = (await configuration()).serverMetadata()
        const { payload, protectedHeader } = await jwtVerify(token, await keys(), {
          ...{ issuer, audience: rules.audience ?? [], algorithms: [...algorithms] },
          requiredClaims: ['exp', 'sub'],
          clockTolerance: toleranceSeconds,
        })
        if (!tokenTypes.has(protectedHeader.typ?.toLowerCase() ?? ''))
          throw new errors.JWTInvalid(`a token of type ${protectedHeader.typ}`)
        return payload
      }),
  }
}

function discover({ issuer, clientId, clientSecret }: OidcRules): Promise<client.Configuration> {
  const url = new URL(issuer)
  return client.discovery(url, clientId, undefined, client.ClientSecretBasic(clientSecret), {
    timeout: timeoutSeconds,
    // The answer comes over TLS; that it is also signed costs one more request.
    execute: [client.enableNonRepudiationChecks, ...(url.protocol === 'http:' ? [client.allowInsecureRequests] : [])],
  })
}

/** Where the ID token lacks the name or the groups, the provider tells them at its userinfo endpoint. */
async function moreAbout(
  config: client.Configuration,
  accessToken: string,
  claims: client.IDToken,
  { nameClaim, groupsClaim }: OidcRules,
): Promise<Claims> {
  const isWhole = nameClaim in claims && groupsClaim in claims
  if (isWhole || !config.serverMetadata().userinfo_endpoint) return {}
  return client.fetchUserInfo(config, accessToken, claims.sub)
}

function keysOf(config: client.Configuration): ReturnType<typeof createRemoteJWKSet> {
  const { jwks_uri: uri } = config.serverMetadata()
  if (uri) return createRemoteJWKSet(new URL(uri), { timeoutDuration: timeoutSeconds * 1_000 })
  throw new RefitError(
    'OIDC_UNAVAILABLE',
    'The OIDC provider names no keys.',
    'Check server.oidc.issuer of refit.yaml.',
  )
}

/** What failed is tried again when it is next asked for. */
function remembered<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () =>
    (made ??= make().catch((error: unknown) => {
      made = undefined
      throw error
    }))
}

async function asRefit<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw oidcError(error)
  }
}
