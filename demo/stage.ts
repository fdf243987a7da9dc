import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import getPort from 'get-port'
import { buildAndPush } from '../examples/hub/images'
import { deployHub, runKubectl } from '../examples/hub/deploy'
import { firstReleases } from '../examples/hub/releases'
import { seedTransfers } from '../examples/hub/seed'
import { createStore } from '../src/store'
import type { Store } from '../src/store/contracts'
import type { Stack } from '../stack'
import { LoadProcess } from './load'
import type { DemoOptions } from './options'
import { Refit, refitEnvironment, runCommand } from './refit'
import type { Screen } from './screen'
import { startSlack } from './slack'

/** What the ledger holds before the story begins, so that its migrations meet a table of a size that matters. */
export const seeded = 200_000

/** All that the acts play with. */
export interface Stage {
  options: DemoOptions
  screen: Screen
  stack: Stack
  store: Store
  refit: Refit
  /** undefined on simulated nodes: their pods answer nobody */
  load: LoadProcess | undefined
  env: NodeJS.ProcessEnv
  publish(...releases: string[]): Promise<void>
  /** the same image under another tag */
  copyTag(release: string, tag: string): Promise<void>
  kubectl(...args: string[]): Promise<string>
  /** an operator changes refit.yaml and starts the worker anew */
  configure(change: (yaml: string) => string): Promise<void>
  close(): Promise<void>
}

/** Puts the hub at v1.0.0 under load, with Refit watching it. */
export async function setStage(options: DemoOptions, screen: Screen, stack: Stack): Promise<Stage> {
  const real = stack.node === 'real'
  const kubectl = (...args: string[]): Promise<string> =>
    runKubectl({ kubectl: stack.bin.kubectl, kubeconfig: stack.kubernetes.kubeconfig }, args)
  const publish = async (...releases: string[]): Promise<void> => {
    await buildAndPush({ registry: stack.registry.host, cacheDir: join(stack.stateDir, 'images'), tags: releases })
    screen.say(`published ${releases.map((each) => `hub/${each}`).join(', ')}`)
  }
  await Promise.all([
    stack.postgres.createDatabase('refit'),
    stack.postgres.createDatabase('hub'),
    publish(...firstReleases),
  ])
  const { ports } = await deployHub({
    kubectl: stack.bin.kubectl,
    kubeconfig: stack.kubernetes.kubeconfig,
    namespace: 'hub',
    registry: stack.registry.host,
    databaseUrl: real ? stack.postgres.podUrl('hub') : stack.postgres.url('hub'),
    environment: { SICK_AFTER_SECONDS: '6' },
  })
  screen.say('the hub runs at v1.0.0: ledger (3 pods and a queue consumer), quoting, settlement')

  if (real) {
    await seedTransfers(stack.postgres.url('hub'), seeded)
    screen.say(`the ledger holds ${seeded.toLocaleString('en')} transfers of last year, none with a quote`)
  }
  const load = real
    ? LoadProcess.start({ ...ports, rate: options.rate, databaseUrl: stack.postgres.url('hub') })
    : undefined
  const slack = await startSlack((text) =>
    screen.say(`alert: ${text.split('\n').slice(0, 3).join(' | ').slice(0, 240)}`),
  )
  const env = environmentOf(stack, slack.url)
  const configFile = join(stack.stateDir, 'refit.yaml')
  await writeFile(configFile, await configOf(real))
  const store = createStore(stack.postgres.url('refit'))
  const refit = new Refit({
    configFile,
    env,
    logFile: join(stack.stateDir, 'logs', 'refit-worker.log'),
    healthAddress: `127.0.0.1:${await getPort()}`,
  })
  const pid = await refit.startWorker()
  screen.command(`refit worker --config ${configFile}`)
  screen.say(`Refit's worker runs (pid ${pid}); it scans every 5 s`)
  return {
    options,
    screen,
    stack,
    store,
    refit,
    load,
    env,
    publish,
    async copyTag(release, tag) {
      await runCommand(stack.bin.crane, ['tag', '--insecure', `${stack.registry.host}/hub/${release}`, tag], env)
    },
    kubectl,
    async configure(change) {
      await writeFile(configFile, change(await readFile(configFile, 'utf8')))
      await refit.stopWorker()
      await refit.startWorker()
    },
    async close() {
      load?.kill()
      await refit.stopWorker()
      await store.close()
      await slack.close()
    },
  }
}

/** Only what the demo made itself: a KUBECONFIG or DATABASE_URL of the user's own is never used. */
function environmentOf(stack: Stack, slackUrl: string): NodeJS.ProcessEnv {
  const { LANG, TERM } = process.env
  return {
    ...refitEnvironment(stack),
    LANG,
    TERM,
    NODE_ENV: 'production',
    HUB_DATABASE_URL: stack.postgres.url('hub'),
    SLACK_WEBHOOK_URL: slackUrl,
  }
}

/** The sample hub's own refit.yaml, scanned often and told where to alert. On simulated nodes nothing answers health checks. */
async function configOf(real: boolean): Promise<string> {
  const sample = await readFile(join(__dirname, '../examples/hub/refit.yaml'), 'utf8')
  const alerts = '\nscan: { every: 5s }\nalerts: [{ slack: "${SLACK_WEBHOOK_URL}", allowPrivate: true }]\n'
  const hub = join(__dirname, '../examples/hub')
  // The file is written elsewhere; paths in it are relative to where the sample stands.
  const text = `${sample.replace('directory: migrations/', `directory: ${hub}/migrations/`)}${alerts}`
  return real
    ? text
    : text
        .replace(/^ {4}health:.*\n/gm, '')
        // The tag that tells pods to fail tells the migration Job's pod too.
        .replace(/^ {4}migrations:\n(?: {6}.*\n)+/gm, '')
        .replace(/^ {4}strategy: minor$/gm, '    strategy: minor\n    prerelease: never-ready')
}
