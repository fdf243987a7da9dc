import { knownServices } from '../../operations/lookup'
import { bashScript } from '../completion/bash'
import { fishScript } from '../completion/fish'
import type { Names } from '../completion/tree'
import { zshScript } from '../completion/zsh'
import type { Command, Context } from '../context'
import { readHubs } from '../hub-profiles'
import type { Shell } from '../parsers'
import { remoteStatus } from '../remote-voting'
import { remoteApi, type VoterOptions } from '../voting'

const scripts: Record<Shell, () => string> = { bash: bashScript, zsh: zshScript, fish: fishScript }

/** The script as it is, whatever the output format. */
export const run: Command<unknown> = ({ io }, [shell]) => {
  io.out(scripts[shell as Shell]())
  return Promise.resolve()
}

/** Somebody waits with a finger on the Tab key. */
const patienceMs = 1_500
const upgradesShown = 50

/** Names of a kind, a line each; none where they can't be had in time. */
export const names: Command<Pick<VoterOptions, 'server' | 'tokenFile'>> = async (context, [kind], options) => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string[]>((resolve) => {
    timer = setTimeout(() => resolve([]), patienceMs)
  })
  const found = await Promise.race([namesOf(context, kind as Names, options).catch(() => []), late])
  clearTimeout(timer)
  if (found.length > 0) context.io.out(`${found.join('\n')}\n`)
}

async function namesOf(
  context: Context,
  kind: Names,
  options: Pick<VoterOptions, 'server' | 'tokenFile'>,
): Promise<string[]> {
  if (kind === 'hubs') return Object.keys(readHubs(context.io.env).hubs)
  const services = kind === 'upgrades' ? [] : await serviceNames(context, options)
  const upgrades = kind === 'services' ? [] : await upgradeIds(context, options)
  return [...services, ...upgrades]
}

async function serviceNames(context: Context, options: Pick<VoterOptions, 'server' | 'tokenFile'>): Promise<string[]> {
  const api = remoteApi(context.env, options)
  const keys = api ? (await remoteStatus(api)).services : await knownServices(await context.parts.store())
  return keys.map(({ namespace, service }) => `${namespace}/${service}`)
}

/** A server is not asked: its services lead to their newest upgrade. */
async function upgradeIds(context: Context, options: Pick<VoterOptions, 'server' | 'tokenFile'>): Promise<string[]> {
  if (remoteApi(context.env, options)) return []
  const store = await context.parts.store()
  return (await store.upgrades.list({ limit: upgradesShown })).map(({ id }) => id)
}
