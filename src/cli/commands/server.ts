import type { Address } from '../../domain/address'
import type { Command } from '../context'
import { load } from '../lazy'

/** Runs until SIGTERM or SIGINT. */
export const run: Command<{ listen?: Address }> = async ({ env, configFile }, _args, { listen }) => {
  await load.server().runServer(env, { configFile, listen })
}
