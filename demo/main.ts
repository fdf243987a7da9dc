import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { down, StackError, up, type Stack } from '../stack'
import { act0 } from './act0'
import { type DemoOptions, readOptions } from './options'
import { watchHub } from './panel'
import { asItShouldBe, report, resultOf } from './result'
import { Screen } from './screen'
import { setStage } from './stage'
import { play } from './story'

const stackName = 'demo'
/** Ctrl-C ends the story, and everything that was started is stopped. */
const interrupted = new Promise<never>((_, reject) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => reject(new Error(`ended by ${signal}`)))
})
interrupted.catch(() => undefined)

/** Refit's whole job on real parts; see README. Ends with 0 only if every outcome and figure is as it should be. */
async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2))
  const screen = new Screen()
  const startedAt = Date.now()
  const since = (instant: number): number => Math.round((Date.now() - instant) / 1000)

  screen.act('Refit upgrades the services of a hub while they serve.')
  act0((text) => screen.write(text))
  // What an earlier demo kept or was killed over would tell another story.
  await down(stackName, { purge: true, progress: () => undefined })
  const stack = await startStack(options, screen)
  try {
    const stackSeconds = since(startedAt)
    const actsAt = Date.now()
    const stage = await setStage(options, screen, stack)
    const panel = watchHub(stage)
    screen.show(panel)
    try {
      const upgrades = await Promise.race([play(stage), interrupted])
      const load = await stage.load?.stop()
      panel.close()
      screen.close()
      const result = resultOf(
        stack.node,
        { stack: stackSeconds, acts: since(actsAt), total: since(startedAt) },
        upgrades,
        load,
      )
      await report(result, (text) => screen.write(text))
      if (options.keep) await keep(screen, stack)
      return asItShouldBe(result, options) ? 0 : 1
    } finally {
      panel.close()
      screen.close()
      await stage.close()
    }
  } finally {
    if (!options.keep) await down(stackName, { purge: true })
  }
}

/** Servers and build side by side; Temporal first, so that its Web UI can be opened while the rest comes up. */
async function startStack(options: DemoOptions, screen: Screen): Promise<Stack> {
  screen.act('Starting the real parts: Temporal, PostgreSQL, Kubernetes, a registry')
  const settings = {
    name: stackName,
    node: options.simulated ? ('simulated' as const) : ('auto' as const),
    yes: options.yes,
    noInstall: options.noInstall,
    owner: 'npm run demo',
    progress: (line: string) => screen.say(line),
  }
  const [stack] = await Promise.all([up(settings), build(screen)])
  screen.say(`Temporal Web UI: ${stack.temporal.webUi}`)
  return stack
}

async function build(screen: Screen): Promise<void> {
  const startedAt = Date.now()
  const root = join(__dirname, '..')
  await promisify(execFile)('npm', ['run', '--silent', 'build'], { cwd: root })
  screen.say(`built Refit in ${Math.round((Date.now() - startedAt) / 1000)} s`)
}

async function keep(screen: Screen, stack: Stack): Promise<void> {
  screen.act('Everything still runs. Three things to try, then Ctrl-C:')
  screen.write(`  open ${stack.temporal.webUi}`)
  screen.write(`  ${stack.bin.kubectl} --kubeconfig ${stack.kubernetes.kubeconfig} -n hub get deployments -o wide`)
  screen.write(`  npm run stack -- status ${stackName}`)
  screen.write(`It ends with Ctrl-C here; afterwards: npm run stack -- down ${stackName} --purge`)
  await interrupted.catch(() => undefined)
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(
      `\n${error instanceof StackError || !(error instanceof Error) ? String(error) : (error.stack ?? error.message)}\n`,
    )
    process.exit(1)
  },
)
