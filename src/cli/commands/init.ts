import { writeFile } from 'node:fs/promises'
import { RefitError } from '../../domain/errors'
import { initialConfig } from '../../operations/init'
import type { Command, Context } from '../context'

interface Options {
  namespace?: string[]
  environment: string
  force?: boolean
  stdout?: boolean
}

/** Writes refit.yaml for what runs in the cluster. */
export const run: Command<Options> = async (context, _args, { namespace, environment, force, stdout }) => {
  const hub = context.hubName ?? 'my-hub'
  const kubernetes = await context.parts.kubernetes()
  const initial = await context.waitFor('the cluster', () =>
    initialConfig(kubernetes, { ...(namespace ? { namespaces: namespace } : {}), hub, environment }),
  )
  if (stdout) return context.print(initial, () => [initial.text.trimEnd()])
  const file = context.configFile
  try {
    await writeFile(file, initial.text, { flag: force ? 'w' : 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw new RefitError(
      'USAGE',
      `${file} is there already.`,
      'Name another with --config, see it with --stdout, or overwrite it with --force.',
    )
  }
  context.print({ file, ...initial }, () => [
    `${file}: ${initial.services.length} services in ${initial.namespaces.join(', ')}, all in mode watch`,
    `next: ${nextOf(context)}refit doctor, which says what else is needed; then refit scan`,
  ])
}

/** What was named for this command only is needed from now on. */
const nextOf = ({ env, io, hubName }: Context): string =>
  hubName === undefined && env.REFIT_KUBECONFIG !== undefined && env.REFIT_KUBECONFIG !== io.env.REFIT_KUBECONFIG
    ? `export REFIT_KUBECONFIG=${env.REFIT_KUBECONFIG}; `
    : ''
