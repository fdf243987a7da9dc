import type { Command } from '../context'
import { load } from '../lazy'

/** Runs until SIGTERM or SIGINT. */
export const run: Command<unknown> = async ({ env, configFile }) => {
  await load.worker().runWorker(env, { configFile })
}
