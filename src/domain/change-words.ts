import type { Candidate } from './decision'

const maxSecurity = 150
const maxLinks = 300

/** Why it is urgent; empty when nobody marked it. Foreign text: as plain text, never as what it claims to be. */
export function securityWords(candidate: Candidate | undefined): string {
  const { security } = candidate ?? {}
  return security === undefined ? '' : `Security: ${security.slice(0, maxSecurity).replace(/\.$/, '')}.`
}

/** Where a person can read what changes; empty where the image doesn't say, or says too much of it. Foreign text. */
export function changeWords(candidate: Candidate | undefined): string {
  const { changes } = candidate ?? {}
  const links = [changes?.compare, changes?.releaseNotes].filter((link) => link !== undefined)
  const words = links.length > 0 ? `What changes: ${links.join(' , ')}` : ''
  return words.length <= maxLinks ? words : ''
}
