import type { Policy } from '../domain/policy'
import { durationWords } from '../domain/text'
import { windowState } from '../domain/window'
import { nextOpenings, type Opening } from '../domain/window-openings'
import { restrictsBothDays } from '../domain/window-rule'
import { freezeWords } from '../domain/window-words'
import type { Config } from './load'

const yearMs = 366 * 86_400_000
/** Openings that are looked at for gaps. */
const lookedAt = 400

/** What in a right refit.yaml is probably not meant, as sentences with the path. `now` is epoch ms. */
export function configWarnings({ policies }: Pick<Config, 'policies'>, now: number): string[] {
  return policies.flatMap((policy, index) =>
    [...bothDays(policy), ...neverOpen(policy, now), ...allFrozen(policy, now), ...expiresEarly(policy, now)].map(
      (words) => `policies[${index}] (${policy.name}): ${words}`,
    ),
  )
}

const bothDays = ({ windows }: Policy): string[] =>
  windows.flatMap((rule, index) =>
    'cron' in rule && restrictsBothDays(rule.cron)
      ? [
          `windows[${index}].cron "${rule.cron}" restricts the day of the month and the day of the week: Refit wants both to fit, other crons take either`,
        ]
      : [],
  )

function neverOpen({ windows, freezes, expectedMs }: Policy, now: number): string[] {
  const state = windowState({ windows, freezes, now, expectedMs })
  return state.kind === 'never' ? [`it never opens: ${state.because}`] : []
}

/** A rule whose openings of the next year all lie in freezes. */
function allFrozen({ windows, freezes }: Policy, now: number): string[] {
  return windows.flatMap((rule, index) => {
    const coming = withinYear(nextOpenings({ windows: [rule], freezes }, now, lookedAt), now)
    const hidden = coming.flatMap((opening) => (opening.kind === 'frozen' ? opening.hiddenBy : []))
    return coming.length > 0 && coming.every(({ kind }) => kind === 'frozen')
      ? [`windows[${index}] is frozen throughout the next year: ${freezeWords([...new Set(hidden)])}`]
      : []
  })
}

/** An approval is asked for whenever a candidate comes; nobody may have to answer for the third time before it counts. */
function expiresEarly({ windows, approval }: Policy, now: number): string[] {
  if (windows.length === 0 || approval.required === 0) return []
  const coming = withinYear(nextOpenings({ windows, freezes: [] }, now, lookedAt), now)
  const gaps = coming.map(({ from }, index) => from - (coming[index - 1]?.to ?? now))
  const longest = Math.max(0, ...gaps)
  return approval.expiresMs < longest
    ? [
        `approval.expires (${durationWords(approval.expiresMs)}) is shorter than the longest gap between its windows (${durationWords(longest)}): a question may expire before its window opens`,
      ]
    : []
}

const withinYear = (openings: readonly Opening[], now: number): Opening[] =>
  openings.filter(({ from }) => from < now + yearMs)
