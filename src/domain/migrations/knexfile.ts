/** What the text of a knexfile gives away; it is code of an image and is never run. */
export interface KnexfileHints {
  /** texts in it that may be the folder of the migrations, relative to the file */
  folders: string[]
  tableName?: string
  schemaName?: string
  disableMigrationsListValidation?: boolean
  loadExtensions?: string[]
}

/** Whether a file name is that of a knexfile. */
export const isKnexfile = (name: string): boolean => /^knexfile\.(?:[cm]?js|ts)$/.test(name)

const maxText = 65_536
const identifier = '[A-Za-z_][\\w$]{0,62}'

/** Hints, not facts: what is computed or read from the environment isn't seen. */
export function knexfileHints(text: string): KnexfileHints {
  const code = withoutComments(text.slice(0, maxText))
  const texts = [...code.matchAll(/(['"`])((?:(?!\1)[^\\\n$]){1,200})\1/g)].map(([, , inner = '']) => inner)
  const table = oneOf(code, `tableName\\s*:\\s*(['"\`])(${identifier})\\1`)
  const schema = oneOf(code, `schemaName\\s*:\\s*(['"\`])(${identifier})\\1`)
  const extensions = /loadExtensions\s*:\s*\[([^\]]{0,200})\]/.exec(code)?.[1]
  const validation = /disableMigrationsListValidation\s*:\s*(true|false)\b/.exec(code)?.[1]
  return {
    folders: [...new Set(texts.filter((each) => /migrat/i.test(each) && /^[\w./@-]+$/.test(each)))],
    ...(table === undefined ? {} : { tableName: table }),
    ...(schema === undefined ? {} : { schemaName: schema }),
    ...(validation === undefined ? {} : { disableMigrationsListValidation: validation === 'true' }),
    ...(extensions === undefined
      ? {}
      : { loadExtensions: [...extensions.matchAll(/['"`](\.\w{1,12})['"`]/g)].map(([, each = '']) => each) }),
  }
}

/** Settings that are commented out must not count. A `//` in a text after a colon is an address. */
export const withoutComments = (text: string): string =>
  text.replace(/\/\*[^]*?\*\//g, ' ').replace(/(^|[^:'"`])\/\/[^\n]*/g, '$1')

/** Two different ones are no hint: a knexfile may have one per environment. */
function oneOf(code: string, pattern: string): string | undefined {
  const found = new Set([...code.matchAll(new RegExp(pattern, 'g'))].map((match) => match[2]))
  return found.size === 1 ? [...found][0] : undefined
}
