import type { Io } from './io'

const silentFor = 2_000

/**
 * Runs `work`; once it takes longer than two seconds, says on stderr what is being waited for, and again whenever that
 * changes. `work` reports through `say`.
 */
export async function withProgress<T>(
  io: Pick<Io, 'err'>,
  what: string,
  work: (say: (text: string) => void) => Promise<T>,
): Promise<T> {
  let current = what
  let shown = ''
  const show = (): void => {
    if (current !== shown) io.err(`… ${current}\n`)
    shown = current
  }
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    show()
  }, silentFor)
  try {
    return await work((text) => {
      current = text
      if (isLate) show()
    })
  } finally {
    clearTimeout(timer)
  }
}
