import type { Answer } from '../domain/health'
import { fillReferences, MissingVariable } from './fill-references'
import { getFailure, httpGet, isHttpUrl } from './http-get'

const maxBytes = 1_048_576

/**
 * GET of a URL whose `${NAME}` are filled here. What is no answer comes back as an error in words, never with the URL: the
 * references may hold secrets.
 */
export async function askUrl(
  reference: string,
  environment: Readonly<Record<string, string | undefined>>,
  { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal | undefined },
): Promise<Answer> {
  const options = { timeoutMs, maxBytes, headers: { accept: 'application/json, */*' }, signal }
  try {
    const url = fillReferences(reference, environment)
    if (!isHttpUrl(url)) return { error: 'it is no http or https URL' }
    return await httpGet(url, options)
  } catch (error) {
    if (error instanceof MissingVariable) return { error: `the environment variable ${error.variable} is not set` }
    return { error: `the server ${getFailure(error, options)}` }
  }
}
