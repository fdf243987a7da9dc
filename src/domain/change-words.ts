import type { Candidate } from './decision'

const maxSecurity = 150
const maxLinks = 300
const maxNotes = 400

/** Why it is urgent; empty when nobody marked it. Foreign text: as plain text, never as what it claims to be. */
export function securityWords(candidate: Candidate | undefined): string {
  const { security } = candidate ?? {}
  return security === undefined ? '' : `Security: ${security.slice(0, maxSecurity).replace(/\.$/, '')}.`
}

/**
 * What its publisher says of it, and where a person can read what changes; empty where the image doesn't say, or says too
 * much of it. Foreign text.
 */
export function changeWords(candidate: Candidate | undefined): string {
  return [noteWords(candidate), linkWords(candidate)].filter((words) => words !== '').join(' ')
}

/** What to do comes first. */
function noteWords({ changes }: Partial<Candidate> = {}): string {
  const { change, todo, migrations, notes } = changes ?? {}
  const words = [
    change && `Its publisher calls it ${change}.`,
    todo && `To do: ${todo}`,
    migrations && migrations !== 'none' && `Data migrations: ${migrations}.`,
    notes,
  ]
  const all = words.filter(Boolean).join(' ')
  return all.length <= maxNotes ? all : `${all.slice(0, maxNotes - 1)}…`
}

function linkWords(candidate: Candidate | undefined): string {
  const { changes } = candidate ?? {}
  const links = [changes?.compare, changes?.releaseNotes].filter((link) => link !== undefined)
  const words = links.length > 0 ? `What changes: ${links.join(' , ')}` : ''
  return words.length <= maxLinks ? words : ''
}
