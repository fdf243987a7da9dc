import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, type FormEvent } from 'react'
import { useLocation } from 'react-router'
import { postJson } from '../api/http'
import type { Session } from '../api/shapes'
import { Failure } from '../ui/asked'
import { environmentClass } from '../words/hub'

/** Who nobody knows: in by single sign-on where there is one, else by token. */
export function Login({ session: { hub, oidc } }: { session: Session }) {
  const client = useQueryClient()
  const { pathname, search } = useLocation()
  const entering = useMutation({
    mutationFn: (token: string) => postJson('/auth/token', { token }),
    onSuccess: () => client.resetQueries(),
  })
  useEffect(() => {
    document.title = `Log in · ${hub.name} (${hub.environment}) · Refit`
  }, [hub.name, hub.environment])
  const enter = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const token = new FormData(event.currentTarget).get('token')
    if (typeof token === 'string') entering.mutate(token.trim())
  }
  const byToken = (
    <form onSubmit={enter} className="login-form">
      <div className="field">
        <label htmlFor="token">Token</label>
        <input id="token" name="token" type="password" required autoComplete="current-password" spellCheck={false} />
        <p className="muted">
          It begins with <code>rft_</code>. Whoever administers Refit makes one: <code>refit token create NAME</code>.
        </p>
      </div>
      {entering.error && <Failure error={entering.error} />}
      <button type="submit" className="main" disabled={entering.isPending}>
        {entering.isPending ? 'Asking the server …' : 'Log in'}
      </button>
    </form>
  )
  return (
    <main className={`alone login ${environmentClass(hub.environment)}`}>
      <p className="hub">
        <span className="hub-name">{hub.name}</span>
        <span className="environment">{hub.environment}</span>
      </p>
      <h1>Log in to Refit</h1>
      {oidc ? (
        <>
          <a className="button main" href={`/auth/oidc?next=${encodeURIComponent(`${pathname}${search}`)}`}>
            Log in with single sign-on
          </a>
          <details>
            <summary>Log in with a token instead</summary>
            {byToken}
          </details>
        </>
      ) : (
        byToken
      )}
    </main>
  )
}
