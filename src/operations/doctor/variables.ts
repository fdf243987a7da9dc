import type { Config } from '../../config'
import { type Check, type DoctorParts, ok } from './check'

const reference = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g

/**
 * Variables that policies name and that are read only when they are needed, in the middle of an upgrade. Others that
 * refit.yaml refers to are missed when it is read.
 */
export async function checkVariables({
  config,
  environment,
}: Pick<DoctorParts, 'config' | 'environment'>): Promise<Check[]> {
  const read = await config().catch(() => undefined)
  if (!read || !environment) return []
  const named = variablesOf(read)
  if (named.length === 0) return []
  const missing = named.filter((name) => !environment[name]?.trim())
  if (missing.length === 0) return [ok('variables', `set: ${named.join(', ')}`)]
  return [
    {
      name: 'variables',
      state: 'warn',
      message: `not set here: ${missing.join(', ')}`,
      next: 'Policies need them in the environment of the worker: databases, copies, tokens. Where that is another environment, run refit doctor there.',
    },
  ]
}

function variablesOf({ policies }: Pick<Config, 'policies'>): string[] {
  const names = policies
    .filter(({ mode }) => mode !== 'watch')
    .flatMap(({ migrations, health }) => [
      ...migrations.flatMap(({ database, rehearse }) => [database, rehearse?.copy]),
      ...health.flatMap((check) => [...JSON.stringify(check).matchAll(reference)].map(([, name]) => name)),
    ])
  return [...new Set(names.filter((name) => name !== undefined))].sort()
}
