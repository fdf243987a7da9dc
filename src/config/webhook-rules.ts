import type { Problem } from './problems'
import { hasReference } from './references'

type Tree = Record<string, unknown>

/** The path that a registry is given is derived from the secret, so a secret that can be guessed opens it. */
const leastLetters = 16

/** What concerns the secrets of webhooks; no message shows one. `raw` still has its `${NAME}` references. */
export function webhookProblems(webhooks: Tree[], raw: Tree[]): Problem[] {
  return webhooks.flatMap(({ kind, secret }, index): Problem[] => {
    if (typeof secret !== 'string') return []
    const problem = (message: string): Problem[] => [{ path: ['webhooks', index, 'secret'], message, secret: true }]
    if (!hasReference(raw[index]?.secret))
      return problem('is a secret: put it into an environment variable and write "${NAME}" here')
    if (secret.length < leastLetters) return problem(`is too short; it needs at least ${leastLetters} letters`)
    const first = webhooks.findIndex((each) => each.kind === kind && each.secret === secret)
    return first < index ? problem(`is the same as webhooks[${first}].secret; each of one kind needs its own`) : []
  })
}
