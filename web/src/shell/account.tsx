import { useMutation, useQueryClient } from '@tanstack/react-query'
import { postJson } from '../api/http'
import { useSession } from '../ui/may'
import { ThemeChoice } from './theme-choice'

const viaWords = {
  token: 'by token',
  oidc: 'by single sign-on',
  slack: 'through Slack',
  local: 'without a login',
} as const
const scopeWords = {
  viewer: 'may look',
  approver: 'may look and answer',
  operator: 'may answer and operate',
  admin: 'may do everything',
} as const

/** Who is here, what they may do, and the way out. */
export function Account() {
  const { person, version } = useSession()
  const client = useQueryClient()
  const leaving = useMutation({
    mutationFn: () => postJson('/auth/logout', {}),
    onSettled: () => client.resetQueries(),
  })
  if (!person) return null
  return (
    <details className="account">
      <summary>
        <span className="person">{person.name}</span>
      </summary>
      <div className="account-card">
        <p className="strong">{person.name}</p>
        <p className="muted">
          {person.scope}: {scopeWords[person.scope]}. Logged in {viaWords[person.via]}.
        </p>
        {person.groups.length > 0 && <p className="muted">Groups: {person.groups.join(', ')}</p>}
        <ThemeChoice />
        <p className="muted">Refit {version}</p>
        {person.via !== 'local' && (
          <button type="button" onClick={() => leaving.mutate()} disabled={leaving.isPending}>
            Log out
          </button>
        )}
      </div>
    </details>
  )
}
