import getPort from 'get-port'
import type { Browser, Page } from 'playwright-core'
import { openBrowser } from '../support/browser'
import { startProvider, type TestProvider } from '../support/oidc'
import { openSimulatedHub, simulatedConfig, type SimulatedHub, until } from '../support/simulated-hub'
import { secretOf } from '../support/tokens'
import { buildPage } from './built-page'
import { RefitServer } from './refit-server'
import { openPage, seriousFindings, sizes, tooWide } from './watched-page'

const namespaces = ['good', 'refused', 'sick', 'keys', 'pair', 'away']
/** An upgrade on simulated nodes ends well within it; conditions decide when a test goes on. */
const patience = { timeout: 100_000 }

let hub: SimulatedHub
let server: RefitServer
let browser: Browser
let provider: TestProvider
const secrets: Record<string, string> = {}
const said: string[] = []

beforeAll(async () => {
  buildPage()
  const url = `http://127.0.0.1:${await getPort()}`
  provider = await startProvider(url)
  const { issuer, clientId, clientSecret } = provider.rules
  hub = await openSimulatedHub(`${simulatedConfig({ approve: namespaces })}
server:
  url: ${url}
  oidc:
    issuer: ${issuer}
    clientId: ${clientId}
    clientSecret: "\${OIDC_SECRET}"
    requestScopes: [openid, email, groups]
    scopes: { viewer: [guests], operator: [ops] }
`)
  hub.env.OIDC_SECRET = clientSecret
  await Promise.all(namespaces.map((each) => hub.deploy(each)))
  await hub.startWorker()
  server = await RefitServer.started(hub, url)
  for (const name of ['ana', 'ben']) secrets[name] = await secretOf(hub.store, `${name}@example.org`, 'operator')
  secrets.vic = await secretOf(hub.store, 'vic@example.org', 'viewer')
  browser = await openBrowser()
}, 300_000)

afterAll(async () => {
  await browser?.close()
  await server?.stop('SIGKILL')
  await hub?.close()
  await provider?.stop()
})

afterEach(async () => {
  await Promise.all(browser.contexts().map((each) => each.close()))
  expect(said.splice(0)).toEqual([])
})

async function enterToken(page: Page, token: string): Promise<void> {
  const field = page.getByLabel('Token')
  if (!(await field.isVisible())) await page.getByText('Log in with a token instead').click()
  await field.fill(token)
  await page.getByRole('button', { name: 'Log in', exact: true }).click()
}

async function logIn(name: string, path = '/', size: keyof typeof sizes = 'desktop'): Promise<Page> {
  const { page, complaints } = await openPage(browser, { viewport: sizes[size] })
  page.on('close', () => said.push(...complaints))
  await page.goto(server.url + path)
  await page.getByRole('heading', { name: 'Log in to Refit' }).waitFor()
  await enterToken(page, secrets[name] ?? '')
  await page.getByText('Live', { exact: true }).waitFor()
  return page
}

/** From the overview to the upgrade that waits there, which a scan has found meanwhile. */
async function review(page: Page, name: string): Promise<void> {
  await page.getByRole('link', { name: `Review ${name}/${name}` }).click(patience)
  await page.getByRole('heading', { name: 'Plan' }).waitFor()
}

async function answer(page: Page, verb: string, reason?: string): Promise<void> {
  await page.getByRole('button', { name: verb, exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('test-hub').waitFor()
  if (reason) await dialog.getByLabel(/^Why/).fill(reason)
  await dialog.getByRole('button', { name: new RegExp(`^${verb} `) }).click()
  const refused = dialog.getByRole('alert')
  await until(async () => {
    if (await refused.isVisible()) throw new Error(await refused.innerText())
    return !(await dialog.isVisible())
  })
}

const stage = (page: Page, word: string) => page.getByRole('heading', { level: 1 }).getByText(word, { exact: true })

test('a wrong token is refused in words; a right one leads to the address that was asked for', async () => {
  const { page } = await openPage(browser)
  await page.goto(`${server.url}/calendar`)
  await page.getByRole('heading', { name: 'Log in to Refit' }).waitFor()
  await enterToken(page, 'rft_wrong')
  await page.getByRole('alert').getByText('token').first().waitFor()
  await enterToken(page, secrets.ana ?? '')
  await page.getByRole('heading', { name: 'Calendar' }).waitFor()
  expect(await seriousFindings(page)).toEqual([])
  await page.getByText('ana@example.org').first().click()
  await page.getByRole('button', { name: 'Log out' }).click()
  await page.getByRole('heading', { name: 'Log in to Refit' }).waitFor()
})

test('single sign-on leads through the provider and back, with the rights of its groups', async () => {
  const { page } = await openPage(browser)
  await page.goto(`${server.url}/calendar`)
  await page.getByRole('link', { name: 'Log in with single sign-on' }).click()
  await page.locator('input[name=login]').fill('ana')
  await page.locator('input[name=password]').fill('any')
  await page.getByRole('button').first().click()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('heading', { name: 'Calendar' }).waitFor()
  await page.getByRole('button', { name: 'Freeze' }).waitFor()
  await page.getByText('ana@example.org').first().click()
  await page.getByText('Logged in by single sign-on').waitFor()
})

test('what a scan detects is approved on the page and watched until it has succeeded', async () => {
  const page = await logIn('ana')
  await hub.push('good', 'v1.0.1')
  await review(page, 'good')
  const hash = await page.locator('.hash').first().innerText()
  await answer(page, 'Approve', 'read it')
  await stage(page, 'succeeded').waitFor(patience)
  expect(await page.getByRole('heading', { name: 'Health over time' }).count()).toBe(1)
  expect(await page.getByText('ana@example.org').first().isVisible()).toBe(true)
  expect(await hub.image('good')).toMatch(/^hub\/good:v1\.0\.1@sha256:/)
  const upgrade = await hub.upgradeWhere('good', ({ outcome }) => outcome === 'succeeded')
  expect(upgrade.planHash).toBe(hash)
  expect(await seriousFindings(page)).toEqual([])
})

test('on a phone an upgrade is rejected, with a reason', async () => {
  const page = await logIn('ana', '/', 'phone')
  await hub.push('refused', 'v1.0.1')
  await review(page, 'refused')
  expect(await tooWide(page)).toBe(0)
  await answer(page, 'Reject', 'not today')
  await stage(page, 'rejected').waitFor(patience)
  await page.getByText('not today').first().waitFor()
  expect(await hub.image('refused')).toBe('hub/refused:v1.0.0')
})

test("a bad release is put back before one's eyes, with what was seen of it", async () => {
  const page = await logIn('ana')
  await hub.push('sick', 'v1.1.0-never-ready.1')
  await review(page, 'sick')
  await answer(page, 'Approve')
  await stage(page, 'rolled-back').waitFor(patience)
  await page.getByRole('heading', { name: 'What went wrong' }).waitFor()
  await page.getByRole('heading', { name: 'What the rollback did' }).waitFor()
  expect(await hub.image('sick')).toBe('hub/sick:v1.0.0')
  await page.getByRole('link', { name: 'Quarantine' }).click()
  await page.getByRole('heading', { name: 'Quarantine' }).waitFor()
  await page.getByText('v1.1.0-never-ready.1', { exact: true }).first().waitFor()
})

test('a freeze shows on every page that is open, and is lifted from any', async () => {
  const [ana, ben] = [await logIn('ana', '/calendar'), await logIn('ben')]
  await ana.getByRole('button', { name: 'Freeze' }).click()
  const dialog = ana.getByRole('dialog')
  await dialog.getByLabel(/^Why/).fill('the end of the quarter')
  await dialog.getByRole('button', { name: 'Freeze' }).click()
  await ben.getByText('The hub is frozen').waitFor()
  await ben.getByRole('button', { name: 'Lift' }).click()
  await ben.getByRole('dialog').getByLabel(/^Why/).fill('the books are closed')
  await ben.getByRole('dialog').getByRole('button', { name: 'Lift it' }).click()
  await ana.getByText('The hub is frozen').waitFor({ state: 'detached' })
})

/** Tab until what has the focus is called so. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  const called = `(document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '').trim()`
  for (let presses = 0; presses < 80; presses += 1) {
    if (name.test(await page.evaluate<string>(called))) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`nothing called ${String(name)} gets the focus`)
}

test('an upgrade is approved with the keyboard alone', async () => {
  const page = await logIn('ana')
  await hub.push('keys', 'v1.0.1')
  await page.getByRole('link', { name: 'Review keys/keys' }).waitFor(patience)
  await tabTo(page, /^Review keys\/keys$/)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Plan' }).waitFor()
  await tabTo(page, /^Approve$/)
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  await tabTo(page, /^Approve$/)
  await page.keyboard.press('Enter')
  await tabTo(page, /^Approve v1\.0\.1$/)
  await page.keyboard.press('Enter')
  await stage(page, 'succeeded').waitFor(patience)
})

test('two people see each other act, and nobody sees buttons that are not for them', async () => {
  await hub.push('pair', 'v1.0.1')
  const ana = await logIn('ana')
  await review(ana, 'pair')
  const path = new URL(ana.url()).pathname
  const [ben, vic] = [await logIn('ben', path), await logIn('vic', path)]
  await vic.getByText('answering needs the scope approver').waitFor()
  expect(await vic.getByRole('button', { name: 'Approve' }).count()).toBe(0)
  await ben.getByRole('button', { name: 'Reject' }).waitFor()
  await answer(ana, 'Reject', 'seen by both')
  await stage(ben, 'rejected').waitFor()
  await stage(vic, 'rejected').waitFor()
  expect(await ben.getByRole('button', { name: 'Reject' }).count()).toBe(0)
})

test('while the server is away each page says so; once it is back all show what happened, without a reload', async () => {
  const pages = [await logIn('ana'), await logIn('ben')]
  for (const page of pages) {
    await page.evaluate(`window.loadedOnce = true`)
    // What was never seen has no time that it is of.
    await page.getByRole('link', { name: 'pair', exact: false }).first().waitFor()
  }
  await server.stop('SIGKILL')
  for (const page of pages) await page.getByText('What you see is as of').waitFor()
  expect(await seriousFindings(pages[0] as Page)).toEqual([])
  await hub.push('away', 'v1.0.1')
  await hub.upgradeWhere('away', ({ phase }) => phase === 'approval')
  await server.start()
  for (const page of pages) {
    await page.getByRole('link', { name: 'Review away/away' }).waitFor(patience)
    await page.getByText('Live', { exact: true }).waitFor()
    await page.getByText('What you see is as of').waitFor({ state: 'detached' })
    expect(await page.evaluate(`window.loadedOnce`)).toBe(true)
  }
})
