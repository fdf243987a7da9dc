import { useQuery } from '@tanstack/react-query'
import { includesScope, type Scope } from '../../../src/domain/people'
import { session } from '../api/queries'
import type { Session } from '../api/shapes'

/** The session; the page is shown only with one. */
export function useSession(): Session {
  const { data } = useQuery(session)
  if (!data) throw new Error('there is no session yet')
  return data
}

/** Whether who is logged in may do what needs this scope. */
export function useMay(): (scope: Scope) => boolean {
  const { person } = useSession()
  return (scope) => person !== null && includesScope(person.scope, scope)
}
