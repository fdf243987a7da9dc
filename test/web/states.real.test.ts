import type { Browser, Page } from 'playwright-core'
import { openBrowser } from '../support/browser'
import { buildPage } from './built-page'
import { decided, now, services, upgrades } from './fake-data'
import { type FakeHub, fakeHub } from './fake-hub'
import { openPage, seriousFindings, sizes, tooWide } from './watched-page'

let hub: FakeHub
let browser: Browser
let address: string
let page: Page
let complaints: string[]

beforeAll(async () => {
  buildPage()
  hub = await fakeHub()
  address = await hub.app.listen({ host: '127.0.0.1', port: 0 })
  browser = await openBrowser()
})

afterAll(async () => {
  await browser?.close()
  await hub?.app.close()
})

beforeEach(async () => {
  ;({ page, complaints } = await openPage(browser, { viewport: sizes.phone }))
  await page.clock.setFixedTime(now)
})

afterEach(async () => {
  expect([complaints, await seriousFindings(page), await tooWide(page)]).toEqual([[], [], 0])
  await page.context().close()
})

const everything = [...services]
const person = () => ({ ...hub.session })

test('each dialog says of which hub it speaks and by which plan, and nothing is sent before it is confirmed', async () => {
  const sent: string[] = []
  page.on('request', (request) => void (request.method() === 'POST' && sent.push(request.url())))
  await page.goto(`${address}/upgrades/${upgrades.ledger.id}`)
  for (const verb of ['Approve', 'Reject', 'Snooze', 'Pause', 'Abort']) {
    await page.getByRole('button', { name: verb, exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('green-hub production').waitFor()
    await dialog.getByText(upgrades.ledger.planHash).waitFor()
    expect(await seriousFindings(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Not now' }).click()
    await dialog.waitFor({ state: 'hidden' })
  }
  expect(sent).toEqual([])
})

test('what is refused is said in the dialog, which stays', async () => {
  await page.route('**/reject', (route) =>
    route.fulfill({
      status: 409,
      contentType: 'application/problem+json',
      body: JSON.stringify({
        status: 409,
        code: 'PLAN_CHANGED',
        detail: 'The plan is 77 now.',
        next: 'Read it again.',
      }),
    }),
  )
  await page.goto(`${address}/upgrades/${upgrades.ledger.id}`)
  await page.getByRole('button', { name: 'Reject', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Why').fill('no')
  await dialog.getByRole('button', { name: 'Reject v1.1.0' }).click()
  await dialog.getByRole('alert').getByText('The plan is 77 now.').waitFor()
  await dialog.getByText('Read it again.').waitFor()
})

test('who is not logged in logs in, by single sign-on to the same address, or by token', async () => {
  const before = person()
  hub.session.person = null
  await page.goto(`${address}/calendar?weeks=2`)
  const link = page.getByRole('link', { name: 'Log in with single sign-on' })
  expect(await link.getAttribute('href')).toBe('/auth/oidc?next=%2Fcalendar%3Fweeks%3D2')
  await page.getByText('Log in with a token instead').click()
  await page.getByLabel('Token').fill('rft_x')
  await page.getByRole('button', { name: 'Log in', exact: true }).click()
  await page.getByRole('heading', { name: 'Calendar' }).waitFor()
  Object.assign(hub.session, before)
})

test('a server without logins says so on every page', async () => {
  hub.session.insecureLocal = true
  for (const path of ['/', '/settings', `/upgrades/${upgrades.portal.id}`]) {
    await page.goto(address + path)
    await page.getByText('--insecure-local').waitFor()
  }
  hub.session.insecureLocal = false
})

test('a hub of which nothing is known yet says what to do', async () => {
  services.splice(0)
  await page.goto(address)
  await page.getByText('The last scan found no service').waitFor()
  services.push(...everything)
})

test('with 2,000 services rows come as they are scrolled to, and one is found by its name', async () => {
  const many = Array.from({ length: 2_000 }, (_, index) =>
    decided(`ns-${index % 40}/service-${index}`, 'up-to-date', 'v1.0.0', 'nothing newer'),
  )
  services.push(...many)
  await page.goto(address)
  await page.getByText('50 of 2014 are shown').waitFor()
  const rows = page.locator('.services tbody tr')
  const first = await rows.count()
  await page.evaluate('scrollTo(0, document.body.scrollHeight)')
  await page.getByText('100 of 2014 are shown').waitFor()
  expect(await rows.count()).toBeGreaterThan(first)
  await page.getByRole('searchbox').fill('service-1777')
  await page.getByRole('link', { name: 'ns-17/service-1777' }).waitFor()
  expect(await rows.count()).toBe(1)
  await page.getByRole('searchbox').fill('nothing of that name')
  await page.getByText('No service is like that').waitFor()
  services.splice(everything.length)
})

test('a store that is away is said in words, and what came before stays to be read', async () => {
  await page.goto(address)
  await page.getByText('Needs a person').waitFor()
  await page.route('**/api/v1/services', (route) =>
    route.fulfill({
      status: 503,
      contentType: 'application/problem+json',
      body: JSON.stringify({ status: 503, code: 'DATABASE_UNAVAILABLE', detail: 'The store of Refit is away.' }),
    }),
  )
  hub.tell(['scan'])
  await page.getByRole('alert').getByText('The store of Refit is away.').waitFor()
  await page.getByText('Needs a person').waitFor()
  await page.unroute('**/api/v1/services')
  await page.getByText('The store of Refit is away.').waitFor({ state: 'detached' })
})
