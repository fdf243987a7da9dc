import { type Alert, codeBlock, type Hub, hubName, plain } from './alert'

/** A freeze as people hear of it. */
export interface Freeze {
  id: string
  /** null: the whole hub */
  namespace: string | null
  reason: string
  by: string
  /** whether a login stands behind the name */
  verified: boolean
}

/** What a freeze holds, in words. */
export const frozenWords = ({ namespace }: Pick<Freeze, 'namespace'>): string =>
  namespace === null ? 'the whole hub' : `namespace ${namespace}`

/** Who did it, and whether that is sure. */
export const actorWords = ({ by, verified }: { by: string; verified: boolean }): string =>
  verified ? by : `${by} (unverified)`

/** Somebody set the freeze switch: told once per freeze. */
export function freezeAlert(hub: Hub, freeze: Freeze): Alert {
  const { id, namespace, reason } = freeze
  const title = `${frozenWords(freeze)} is frozen`
  return {
    key: `freeze/${id}`,
    level: 'action',
    hub: hub.name,
    title,
    text: [
      `${hubName(hub)}: ${plain(title)} by ${plain(actorWords(freeze))}: ${plain(reason)}`,
      'No upgrade starts, and what is under way stops at its next safe point, until somebody runs',
      codeBlock([unfreezeCommand(freeze)]),
    ].join('\n'),
    facts: factsOf(freeze, namespace),
  }
}

/** Somebody lifted it: told once per freeze. */
export function unfreezeAlert(
  hub: Hub,
  freeze: Freeze,
  lifted: { by: string; verified: boolean; because: string },
): Alert {
  const title = `${frozenWords(freeze)} is no longer frozen`
  const because = lifted.because ? `: ${plain(lifted.because)}` : ''
  return {
    key: `freeze/${freeze.id}/lifted`,
    level: 'action',
    hub: hub.name,
    title,
    text: `${hubName(hub)}: ${plain(title)}, by ${plain(actorWords(lifted))}${because}. What waited goes on by itself where a window is open. It was frozen by ${plain(actorWords(freeze))}: ${plain(freeze.reason)}`,
    facts: { ...factsOf(freeze, freeze.namespace), liftedBy: lifted.by },
  }
}

/** The command that lifts a freeze. */
export const unfreezeCommand = ({ namespace }: Pick<Freeze, 'namespace'>): string =>
  `refit unfreeze${namespace === null ? '' : ` --namespace ${namespace}`}`

const factsOf = ({ id, reason, by }: Freeze, namespace: string | null): Record<string, string> => ({
  freeze: id,
  ...(namespace === null ? {} : { namespace }),
  reason,
  by,
})
