/** A column of the key with its type as the server writes it: `bigint`, `uuid`, `varchar(36)`. */
export interface KeyColumn {
  name: string
  type: string
  /** of texts on MariaDB/MySQL */
  charset?: string
  collation?: string
}

/** What the two kinds of servers write differently in statements that both understand. */
export interface SqlDialect {
  /** an identifier, whatever is in it */
  quoted: (name: string) => string
  /** a text, whatever is in it and whatever the session's settings are */
  literal: (text: string) => string
  /** a key's text as a value of its column; null has the type, too */
  value: (column: KeyColumn, text: string | null) => string
  /** a column as the text that `value` takes */
  text: (column: KeyColumn) => string
  /** makes the named index the way to the rows */
  hint: (index: string) => string
  /** lexicographic comparison of the columns with a key: as a row, or spelled out for an optimizer that sees no range in one */
  compare: (names: readonly string[], operator: '>' | '<=', values: readonly string[]) => string
}

const row = (parts: readonly string[]): string => (parts.length === 1 ? `${parts[0]}` : `(${parts.join(', ')})`)

export const postgresql: SqlDialect = {
  quoted: doubleQuoted,
  literal: pgLiteral,
  value: ({ type }, text) => `${text === null ? 'null' : pgLiteral(text)}::${type}`,
  text: ({ name }) => `${doubleQuoted(name)}::text`,
  hint: () => '',
  compare: (names, operator, values) => `${row(names)} ${operator} ${row(values)}`,
}

function doubleQuoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Escaped backslashes mean the same under either setting of standard_conforming_strings. */
function pgLiteral(text: string): string {
  const quotes = text.replaceAll("'", "''")
  return text.includes('\\') ? `E'${quotes.replaceAll('\\', '\\\\')}'` : `'${quotes}'`
}

const isInteger = /^(?:tiny|small|medium|big)?int|^integer|^year/
const isNumber = new RegExp(`${isInteger.source}|^decimal|^numeric`)
const isBinary = /^(?:var)?binary/
const isText = /^(?:var)?char/
const isOther = /^(?:date|datetime|timestamp|time)\b|^uuid$/

export const mysql: SqlDialect = {
  quoted: backQuoted,
  literal: mysqlLiteral,
  value({ type, charset, collation }, text) {
    if (text === null) return 'null'
    if (isBinary.test(type)) return `x'${checked(/^(?:[0-9A-F]{2})*$/i, text)}'`
    if (isNumber.test(type)) return checked(/^-?\d+(?:\.\d+)?$/, text)
    // In the column's own charset and collation: else the server converts the column, and orders it by another one.
    if (isText.test(type)) return `convert(${mysqlLiteral(text)} using ${charset}) collate ${collation}`
    return `'${checked(/^[-0-9a-f :.]+$/i, text)}'`
  },
  text({ name, type }) {
    if (isBinary.test(type)) return `hex(${backQuoted(name)})`
    return isText.test(type) ? `convert(${backQuoted(name)} using utf8mb4)` : `cast(${backQuoted(name)} as char)`
  },
  hint: (index) => ` force index (${backQuoted(index)})`,
  compare: spelledOut,
}

function backQuoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}

/** As bytes: what a backslash means depends on sql_mode. */
function mysqlLiteral(text: string): string {
  return `_utf8mb4 x'${Array.from(new TextEncoder().encode(text), (byte) => byte.toString(16).padStart(2, '0')).join('')}'`
}

function checked(pattern: RegExp, text: string): string {
  if (!pattern.test(text)) throw new Error('a key is not of the form that its type has')
  return text
}

/** `(a, b) > (1, 2)` as `(a > 1 or (a = 1 and b > 2))`. */
function spelledOut(names: readonly string[], operator: '>' | '<=', values: readonly string[]): string {
  const [name = '', ...names2] = names
  const [value = '', ...values2] = values
  if (names2.length === 0) return `${name} ${operator} ${value}`
  const strict = operator === '>' ? '>' : '<'
  return `(${name} ${strict} ${value} or (${name} = ${value} and ${spelledOut(names2, operator, values2)}))`
}

/** Whether keys of this type can be written as text and compared in the order of an index. */
export const isKeyType = (type: string): boolean =>
  [isNumber, isBinary, isText, isOther].some((each) => each.test(type))
