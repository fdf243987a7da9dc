import type { Config } from '../../src/config'
import type { Scope } from '../../src/domain/people'
import { createToken, type TokenStore } from '../../src/operations/tokens'

/** The secret of a new token. */
export const secretOf = async (
  store: TokenStore,
  name: string,
  scope: Scope,
  { expiresAt = null, people = [] }: { expiresAt?: Date | null; people?: Config['people'] } = {},
): Promise<string> =>
  (await createToken({ store, config: { people } }, { name, scope, expiresAt, by: 'a test' })).secret
