import type { Address } from '../../domain/address'
import { actor, type Command } from '../context'
import { load } from '../lazy'

/** Runs until SIGTERM or SIGINT. */
export const run: Command<{ listen?: Address; insecureLocal?: boolean }> = async (context, _args, options) => {
  const { env, configFile } = context
  await load.server().runServer(env, {
    configFile,
    ...(options.listen ? { listen: options.listen } : {}),
    ...(options.insecureLocal ? { insecureLocal: actor(context, undefined) } : {}),
  })
}
