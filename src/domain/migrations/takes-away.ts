import { withoutComments } from './knexfile'

/** knex's calls, and SQL in a text, after which the code of the release before can no longer run. */
const calls =
  /\.\s*(?:dropColumns?|dropTable(?:IfExists)?|dropView|renameColumn|renameTable|dropSchema(?:IfExists)?)\s*\(/
const statements =
  /\b(?:drop\s+(?:column|table|view)|rename\s+(?:column|to)|alter\s+table\s+\S+\s+(?:drop|rename)\s+(?!constraint|index|foreign|primary|key|check)\w)/i

/** A person's word in the file itself: `refit: contract` or `refit: expand` in a comment. */
const mark = /(?:\/\/|\/\*|--|#)\s*refit:\s*(expand|contract)\b/i

const maxText = 262_144

/**
 * Whether a migration takes something away that older code may use: by its mark, else by what its `up` says. A hint, as the
 * text of code that is never run can give no more; what is computed is not seen.
 */
export function takesAway(text: string): boolean {
  const code = text.slice(0, maxText)
  const said = mark.exec(code)?.[1]?.toLowerCase()
  if (said !== undefined) return said === 'contract'
  const up = upOf(withoutComments(code))
  return calls.test(up) || statements.test(up)
}

/** What stands in `down` undoes. */
function upOf(code: string): string {
  const at = (name: string): number =>
    new RegExp(`(?:exports\\.|function\\s+|const\\s+|\\b)${name}\\s*(?:=|:|\\()`).exec(code)?.index ?? -1
  const [up, down] = [at('up'), at('down')]
  if (down === -1) return code
  return down > up ? code.slice(0, down) : up === -1 ? code : code.slice(up)
}
