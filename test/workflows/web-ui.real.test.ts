import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import getPort from 'get-port'
import type { Browser, Frame, Page } from 'playwright-core'
import { Refit, refitEnvironment, runCommand, sources } from '../../demo/refit'
import { deployHub } from '../../examples/hub/deploy'
import { buildAndPush } from '../../examples/hub/images'
import { firstReleases } from '../../examples/hub/releases'
import { approveCommands } from '../../src/domain/status'
import { createStore } from '../../src/store'
import type { Store, UpgradeRow } from '../../src/store/contracts'
import { upgradeWorkflowId } from '../../src/domain/temporal-names'
import { down, up, type Stack } from '../../stack'
import { openBrowser } from '../support/browser'
import { hubConfig, inPhase, ledgerUpgrade } from '../support/real-hub'

const root = join(__dirname, '../..')
/** Kept in docs/images when REFIT_SCREENSHOT=1. */
async function screenshot(page: Page, name: string): Promise<void> {
  if (process.env.REFIT_SCREENSHOT !== '1') return
  const path = join(root, `docs/images/${name}.png`)
  mkdirSync(dirname(path), { recursive: true })
  await page.screenshot({ path })
}
const name = `web-ui-${randomBytes(3).toString('hex')}`
const namespace = 'hub'

let stack: Stack
let store: Store
let refit: Refit | undefined
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
    tags: [...firstReleases, 'ledger:v1.0.1'],
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
  // From its sources: the tests beside this one need no build.
  refit = new Refit({
    configFile,
    env: refitEnvironment(stack),
    logFile: join(stack.stateDir, 'refit-worker.log'),
    healthAddress: `127.0.0.1:${await getPort()}`,
    program: sources,
  })
  await refit.startWorker()
  upgrade = await ledgerUpgrade(store, namespace, 'v1.0.1', inPhase('approval'))
  browser = await openBrowser()
})

afterAll(async () => {
  await browser?.close()
  await refit?.stopWorker('SIGKILL')
  await store?.close()
  await down(name, { purge: true })
})

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
  await screenshot(page, 'temporal-ui')
  expect(await cutTexts(details)).toEqual([])
})

async function temporal(...args: string[]): Promise<string> {
  const where = ['--address', stack.temporal.address, '--namespace', stack.temporal.namespace]
  const { code, stdout, output } = await runCommand(stack.bin.temporal, [...args, ...where], refitEnvironment(stack))
  if (code !== 0) throw new Error(output)
  return stdout
}

/** The links of docs/temporal-ui.md, by the view that each saves. */
const views = new Map(
  [...readFileSync(join(root, 'docs/temporal-ui.md'), 'utf8').matchAll(/^\| ([^|]+) \| `([^`]+)` \|/gm)].map(
    ([, view = '', query = '']) => [view.trim(), query],
  ),
)

/** The columns that docs/temporal-ui.md advises, where the Web UI keeps them. */
function refitColumns(temporalNamespace: string): string {
  const labels = ['Status', 'Workflow ID', 'RefitPhase', 'RefitFrom', 'RefitTo', 'RefitWaitingFor']
  const columns = { [temporalNamespace]: labels.map((label, i) => ({ label, pinned: i < 2 })) }
  return `localStorage.setItem('namespace-workflow-table-columns', ${JSON.stringify(JSON.stringify(columns))})`
}

describe('the views of docs/temporal-ui.md', () => {
  const workflowsAt = (query: string, view: string): string => {
    const asked = new URLSearchParams({ query, savedQuery: view })
    return `${stack.temporal.webUi}/namespaces/${stack.temporal.namespace}/workflows?${asked.toString()}`
  }

  const saved = (page: Page, view: string) => page.getByTestId(view.toLowerCase().replaceAll(' ', '-'))

  test('are taken by the server, each of them', async () => {
    expect(views.size).toBeGreaterThan(4)
    for (const [view, query] of views) {
      const counted = await temporal('workflow', 'count', '--query', query, '--output', 'json')
      expect([view, JSON.parse(counted)]).toEqual([view, expect.any(Object)])
    }
    await expect(temporal('workflow', 'count', '--query', 'RefitColour = "red"')).rejects.toThrow(/RefitColour/)
  })

  test('are saved by their links, and stay', async () => {
    const context = await browser.newContext({ viewport: { width: 1400, height: 820 } })
    await context.addInitScript({ content: refitColumns(stack.temporal.namespace) })
    const page = await context.newPage()
    const first = 'Waits for a person'
    for (const [view, query] of [...views]
      .filter(([each]) => each !== first)
      .concat([[first, views.get(first) ?? '']])) {
      await page.goto(workflowsAt(query, view))
      await saved(page, view).waitFor()
    }
    await page
      .getByRole('link', { name: upgradeWorkflowId(namespace, 'ledger') })
      .first()
      .waitFor()
    await page.getByText(`an approval of plan ${upgrade.planHash}`).first().waitFor()
    await screenshot(page, 'temporal-ui-views')
    await page.goto(`${stack.temporal.webUi}/namespaces/${stack.temporal.namespace}/workflows`)
    for (const view of views.keys()) await saved(page, view).waitFor()
    await context.close()
  })
})

test('the page of an upgrade has its search attributes, and summaries of its steps', async () => {
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } })
  const id = encodeURIComponent(upgradeWorkflowId(namespace, 'ledger'))
  await page.goto(`${stack.temporal.webUi}/namespaces/${stack.temporal.namespace}/workflows/${id}`)
  await page.getByText('plan ledger v1.0.1').first().waitFor()
  await page.getByText('entered approval').first().waitFor()
  await screenshot(page, 'temporal-ui-steps')
  await page.getByText('Search Attributes', { exact: true }).first().click()
  for (const text of ['RefitPhase', 'RefitService', 'ledger', 'RefitWaitingFor', 'v1.0.1'])
    await page.getByText(text).first().waitFor()
  await screenshot(page, 'temporal-ui-attributes')
})
