const hidden = '***'

/** Names of things that are kept secret, as they stand before `=` or `:`. */
const secretName = String.raw`[\w.-]{0,40}(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|private[_-]?key|access[_-]?key|credentials?|authorization|cookie|session[_-]?id)[\w.-]{0,40}`

const patterns: [RegExp, string][] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, hidden],
  // The user stays: it tells who could not log in.
  [/([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s@]+@/gi, `$1:${hidden}@`],
  [/\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${hidden}`],
  [/\beyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?/g, hidden],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/g, hidden],
  [/\b(?:gh[pousr]_|glpat-|xox[abprs]-|sk_live_|npm_)[\w-]{8,}/g, hidden],
  [
    new RegExp(
      String.raw`(["']?\b${secretName}["']?\s*[=:]\s*)(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s,;&"'}]+)`,
      'gi',
    ),
    `$1${hidden}`,
  ],
]

/** Long and of capitals, small letters and digits: more likely a key than a word. Digests and uids have no capitals. */
const keyLike = /(?<![\w/+.-])(?=[\w+/-]*[a-z])(?=[\w+/-]*[A-Z])(?=[\w+/-]*\d)[\w+/-]{32,}={0,2}/g

/**
 * A text without what looks like a secret, and without these values. What other programs logged may hold anything: this
 * hides the usual shapes (passwords in URLs, `password=`, tokens, keys) and can't know more.
 */
export function maskSecrets(text: string, known: readonly string[] = []): string {
  let masked = text
  for (const value of [...known].sort((a, b) => b.length - a.length)) masked = masked.split(value).join(hidden)
  for (const [pattern, by] of patterns) masked = masked.replace(pattern, by)
  return masked.replace(keyLike, hidden)
}

const leastLength = 6
const secretVariable = new RegExp(`^${secretName}$`, 'i')

/** The secrets that a process's environment holds: of variables with such a name, and the passwords of URLs. */
export function secretsIn(environment: Readonly<Record<string, string | undefined>>): string[] {
  const values = Object.entries(environment).flatMap(([name, value = '']) => {
    const password = /^[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:([^\s@]+)@/i.exec(value)?.[1]
    return [...(secretVariable.test(name) ? [value] : []), ...(password === undefined ? [] : [password])]
  })
  return [...new Set(values)].filter((value) => value.length >= leastLength)
}
