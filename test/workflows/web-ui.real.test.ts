import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, openSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Browser, Frame, Page } from 'playwright-core'
import { deployHub } from '../../examples/hub/deploy'
import { buildAndPush } from '../../examples/hub/images'
import { approveCommands } from '../../src/domain/status'
import { createStore } from '../../src/store'
import type { Store, UpgradeRow } from '../../src/store/contracts'
import { upgradeWorkflowId } from '../../src/workflows/messages'
import { down, up, type Stack } from '../../stack'
import { openBrowser } from '../support/browser'
import { hubConfig, inPhase, upgradeWhere } from '../support/real-hub'

const root = join(__dirname, '../..')
const screenshot = join(root, 'docs/images/temporal-ui.png')
const name = `web-ui-${randomBytes(3).toString('hex')}`
const namespace = 'hub'

let stack: Stack
let store: Store
let worker: ChildProcess | undefined
let browser: Browser
let upgrade: UpgradeRow

beforeAll(async () => {
  stack = await up({ name, node: 'simulated', yes: true })
  await stack.postgres.createDatabase('refit')
  store = createStore(stack.postgres.url('refit'))
  await store.migrate()
  const registry = stack.registry.host
  const cacheDir = join(stack.stateDir, 'images')
  await buildAndPush({
    registry,
    cacheDir,
    tags: ['ledger:v1.0.0', 'quoting:v1.0.0', 'settlement:v1.0.0', 'ledger:v1.0.1'],
  })
  await deployHub({
    kubectl: stack.bin.kubectl,
    kubeconfig: stack.kubernetes.kubeconfig,
    namespace,
    registry,
    databaseUrl: stack.postgres.podUrl('hub'),
  })
  const configFile = join(stack.stateDir, 'refit.yaml')
  await writeFile(configFile, hubConfig(namespace))
  worker = startWorker(configFile)
  upgrade = await upgradeWhere(store, namespace, 'v1.0.1', inPhase('approval'))
  browser = await openBrowser()
}, 300_000)

afterAll(async () => {
  await browser?.close()
  if (worker && worker.exitCode === null) {
    const closed = once(worker, 'close')
    worker.kill('SIGKILL')
    await closed
  }
  await store?.close()
  await down(name, { purge: true })
}, 120_000)

/** Refit from its sources: the tests beside this one need no build. */
function startWorker(configFile: string): ChildProcess {
  const log = openSync(join(stack.stateDir, 'refit-worker.log'), 'a')
  return spawn(process.execPath, ['--import', 'tsx', join(root, 'src/cli.ts'), 'worker', '--config', configFile], {
    cwd: root,
    stdio: ['ignore', log, log],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      REGISTRY: stack.registry.host,
      DATABASE_URL: stack.postgres.url('refit'),
      REFIT_KUBECONFIG: stack.kubernetes.kubeconfig,
      TEMPORAL_ADDRESS: stack.temporal.address,
      TEMPORAL_NAMESPACE: stack.temporal.namespace,
    },
  })
}

/** The workflow's page as an operator gets to it: from its address, then one click. */
async function openDetails(page: Page): Promise<Frame> {
  const id = encodeURIComponent(upgradeWorkflowId(namespace, 'ledger'))
  await page.goto(`${stack.temporal.webUi}/namespaces/${stack.temporal.namespace}/workflows/${id}`)
  await page.getByText('User Metadata').first().click()
  const section = page.locator('div').filter({ has: page.getByRole('heading', { name: 'Current Details' }) })
  const frame = await section.last().locator('xpath=following::iframe[1]').elementHandle()
  const content = await frame?.contentFrame()
  if (!content) throw new Error('the page shows no current details')
  await content.getByText('refit approve').waitFor()
  return content
}

/** Texts of which some lies beyond the frame's edge. */
const cutTexts = (frame: Frame): Promise<string[]> =>
  frame.evaluate<string[]>(`
    [...document.querySelectorAll('p, td, pre, code')]
      .filter((each) => each.textContent.trim())
      .filter((each) => {
        const { right, bottom } = each.getBoundingClientRect()
        return right > innerWidth || bottom > innerHeight
      })
      .map((each) => each.textContent)`)

test('the page of a waiting upgrade says what it waits for and the exact commands that approve it', async () => {
  const page = await browser.newPage({ viewport: { width: 1400, height: 800 } })
  const details = await openDetails(page)
  const text = await details.locator('main').innerText()
  expect(text).toMatch(/phase\s+approval since \d{4}-/)
  expect(text).toMatch(new RegExp(`waits for\\s+an approval of plan ${upgrade.planHash}`))
  expect(text).toMatch(/next\s+the upgrade window/)
  for (const command of approveCommands(upgrade, stack.temporal.namespace)) expect(text.split('\n')).toContain(command)
  if (process.env.REFIT_SCREENSHOT === '1') {
    mkdirSync(dirname(screenshot), { recursive: true })
    await page.screenshot({ path: screenshot })
  }
  expect(await cutTexts(details)).toEqual([])
}, 60_000)
