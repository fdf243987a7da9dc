import { parseConfig } from '../../src/config'
import { RefitError } from '../../src/domain/errors'

export const hub = 'hub: { name: h, environment: test }\n'

/** A file with one policy, and what is added to it. */
export const policy = (rest = ''): string =>
  `${hub}policies:\n  - name: p\n    select: { namespaces: [hub], images: ["*/hub/*"] }\n${rest}`

export const parse = (text: string, env: Record<string, string> = {}) => parseConfig({ text, name: 'refit.yaml', env })

/** What is said of a bad file; empty when it is a good one. */
export function messageOf(text: string, env: Record<string, string> = {}): string {
  try {
    parse(text, env)
  } catch (error) {
    if (error instanceof RefitError && error.code === 'CONFIG_INVALID') return error.message
    throw error
  }
  return ''
}
