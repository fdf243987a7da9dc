import type { Problem } from './problems'

type Path = (string | number)[]

/** `$${NAME}` stands for a literal `${NAME}`, as in a command that the container's own shell expands. */
const reference = /\$(\$?)\{([^}]*)\}/g

/**
 * Replaces `${NAME}` in every string by the environment's value. Databases of migrations, what proves a backup,
 * whom health checks ask, and tokens for Git stay references, because only their names may get into plans. A missing variable
 * is a problem that names it.
 */
export function expandReferences(
  tree: unknown,
  env: Readonly<Record<string, string | undefined>>,
): { tree: unknown; problems: Problem[] } {
  const problems: Problem[] = []
  const expandText = (value: string, path: Path): string =>
    value.replace(reference, (whole, escaped: string, name: string) => {
      if (escaped) return whole.slice(1)
      const found = env[name]
      if (found) return found
      const message = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
        ? `needs the environment variable ${name}, which is not set`
        : 'has a reference that is not of the form ${NAME}; write $${ for a literal ${'
      problems.push({ path, message, secret: true })
      return whole
    })
  const expand = (value: unknown, path: Path): unknown => {
    if (staysReference(path)) return value
    if (typeof value === 'string') return expandText(value, path)
    if (Array.isArray(value)) return value.map((item, index) => expand(item, [...path, index]))
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, expand(item, [...path, key])]))
    return value
  }
  return { tree: expand(tree, []), problems }
}

const keptAsNames =
  /^policies\.\d+\.(gitops\.token|health\.\d+\.(url|prometheus|token)|migrations\.\d+\.(database|rehearse\.copy|backup\.check))$/

const staysReference = (path: Path): boolean => keptAsNames.test(path.join('.'))

/** Whether a string of the file takes something from the environment, so that its value must not be shown. */
export const hasReference = (value: unknown): boolean => typeof value === 'string' && /\$\{/.test(value)
