import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { openBrowser } from '../support/browser'
import { buildPage } from './built-page'
import { now, upgrades } from './fake-data'
import { type FakeHub, fakeHub } from './fake-hub'
import { saveSheet } from './sheet'
import { openPage, seriousFindings, sizes, tooWide } from './watched-page'

const root = join(__dirname, '../..')

let hub: FakeHub
let browser: Browser
let address: string

beforeAll(async () => {
  buildPage()
  hub = await fakeHub()
  address = await hub.app.listen({ host: '127.0.0.1', port: 0 })
  browser = await openBrowser()
})

afterAll(async () => {
  for (const [name, pictures] of taken) await saveSheet(browser, pictures, join(root, `docs/images/page-${name}.webp`))
  await browser?.close()
  await hub?.app.close()
})

/** Every view, with a text by which it is known to be there. */
const views: [name: string, path: string, text: string][] = [
  ['overview', '/', 'Needs a person'],
  ['approval', `/upgrades/${upgrades.ledger.id}`, 'It waits for one person'],
  ['rollout', `/upgrades/${upgrades.quoting.id}`, 'Health over time'],
  ['held', `/upgrades/${upgrades.settlement.id}`, 'What to do'],
  ['rolled-back', `/upgrades/${upgrades.alerts.id}`, 'What went wrong'],
  ['service', '/services/hub/ledger', 'runs now'],
  ['history', '/upgrades', 'Save as CSV'],
  ['calendar', '/calendar', 'Openings'],
  ['releases', '/releases', 'green-hub-17.2'],
  ['release', '/releases/green-hub-17.2', 'Wave 3'],
  ['registries', '/registries', 'mirror.example.org'],
  ['quarantine', '/quarantine', 'v0.9.3'],
  ['settings', '/settings', 'Africa/Nairobi'],
  ['not-found', '/nowhere', 'There is nothing at this address'],
]

/** At the instant that the fake hub stands at, so that pictures stay the same. */
async function opened(size: keyof typeof sizes, colorScheme: 'light' | 'dark') {
  const { page, complaints } = await openPage(browser, { viewport: sizes[size], colorScheme })
  await page.clock.setFixedTime(now)
  return { page, complaints, close: () => page.context().close() }
}

async function show(page: Page, path: string, text: string): Promise<void> {
  await page.goto(address + path)
  await page.getByText(text).first().waitFor()
}

/** Of each view, in the order in which they were taken. */
const taken = new Map<string, Buffer[]>()

/** REFIT_SCREENSHOT=1 takes the pictures of the docs anew; single ones go to dist/pictures, to be looked at. */
async function picture(page: Page, name: string, variant: string): Promise<void> {
  if (process.env.REFIT_SCREENSHOT !== '1') return
  await page.screenshot({ path: join(root, `dist/pictures/${name}-${variant}.png`), fullPage: true })
  if (name === 'not-found') return
  const image = await page.screenshot()
  taken.set(name, [...(taken.get(name) ?? []), image])
}

describe.each(['desktop', 'phone'] as const)('on a %s', (size) => {
  test.each(['light', 'dark'] as const)(
    'every view fits, has nothing serious for axe-core and breaks no rule of its policy, in %s colours',
    async (colours) => {
      const { page, complaints, close } = await opened(size, colours)
      const found: Record<string, unknown> = {}
      for (const [name, path, text] of views) {
        await show(page, path, text)
        await picture(page, name, `${size}-${colours}`)
        const [findings, width] = [await seriousFindings(page), await tooWide(page)]
        if (findings.length > 0 || width > 0) found[name] = { findings, width }
      }
      expect(found).toEqual({})
      expect(complaints).toEqual([])
      await close()
    },
    300_000,
  )
})
