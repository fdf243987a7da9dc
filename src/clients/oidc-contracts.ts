/** What an OIDC provider says of somebody: the claims of a token whose signature, issuer, audience and times were checked. */
export type Claims = Readonly<Record<string, unknown>>

/** What ties the browser that comes back to the one that was sent: kept by it, sealed. */
export interface LoginAttempt {
  state: string
  nonce: string
  /** of PKCE */
  verifier: string
}

/** The OIDC provider of refit.yaml. OIDC_UNAVAILABLE where it can't be reached, or answers nonsense. */
export interface OidcProvider {
  newAttempt(): LoginAttempt
  /** where a browser is sent to log in */
  loginUrl(attempt: LoginAttempt): Promise<string>
  /** Who came back; `query` is that of the callback, with its `?`. UNAUTHENTICATED when the provider or the checks say no. */
  whoCameBack(query: string, attempt: LoginAttempt): Promise<Claims>
  /** Whose access token this is. UNAUTHENTICATED for one that is not valid, or not meant for Refit. */
  verify(token: string): Promise<Claims>
}
