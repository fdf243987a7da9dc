import { hasSqlDetails, loadModule, parseSync, type ScanToken, scanSync } from 'libpg-query'
import { RefitError } from '../domain/errors'
import type { Script } from '../domain/migrations/lint/contracts'
import { placesIn } from '../domain/migrations/lint/place'

const isComment = ({ tokenName }: ScanToken): boolean => tokenName === 'SQL_COMMENT' || tokenName === 'C_COMMENT'

// eslint-disable-next-line no-control-regex -- they are what is looked for
const controls = /[\x01-\x08\x0b\x0c\x0e-\x1f]/g

/** Parses SQL with PostgreSQL's own parser; what it can't read is a USAGE error that says where. */
export async function parseSql(file: string, text: string): Promise<Script> {
  await loadModule()
  // The parser would take it for the end, and say nothing of what follows.
  if (text.includes('\0')) throw unreadable(file, text, new Error('it has a NUL character'))
  if (text.trim() === '') return { text, statements: [], comments: [], names: [] }
  try {
    const { stmts = [] } = parseSync(text)
    // The scanner's answer is no JSON where a token has control characters; they don't change what is a token.
    const { tokens } = scanSync(text.replace(controls, ' '))
    const words = tokens.filter((token) => !isComment(token))
    const total = Buffer.byteLength(text)
    let next = 0
    return {
      text,
      statements: stmts.flatMap(({ stmt, stmt_location = 0, stmt_len }) => {
        // The parser's own start has the comments above in it, and a last statement may have no length.
        const limit = stmt_len ? stmt_location + stmt_len : total
        while ((words[next]?.start ?? total) < stmt_location) next += 1
        const start = words[next]?.start ?? stmt_location
        let end = limit
        for (let word = words[next]; word !== undefined && word.start < limit; word = words[next]) {
          end = word.end
          next += 1
        }
        return stmt ? [{ node: stmt, start, end }] : []
      }),
      comments: tokens.filter(isComment).map(({ start, end, text: comment }) => ({ start, end, text: comment })),
      names: words
        .filter(({ tokenName }) => tokenName === 'IDENT')
        .map(({ start, text: name }) => ({ start, text: name })),
    }
  } catch (error) {
    throw unreadable(file, text, error)
  }
}

function unreadable(file: string, text: string, error: unknown): RefitError {
  const details = error instanceof Error && hasSqlDetails(error) ? error.sqlDetails : undefined
  if (!details) {
    const why = error instanceof Error ? error.message : String(error)
    return new RefitError(
      'USAGE',
      `${file} can't be parsed: ${why}.`,
      'Make its statements simpler, or leave it out.',
      {
        cause: error,
      },
    )
  }
  const before = Buffer.byteLength([...text].slice(0, Math.max(0, details.cursorPosition)).join(''))
  const { line, column } = placesIn(text)(before)
  return new RefitError(
    'USAGE',
    `${file}:${line}:${column}: ${details.message}.`,
    'Correct the SQL: PostgreSQL would refuse it.',
    { cause: error },
  )
}
