/**
 * Two operators at two browsers: how long after one has confirmed a freeze the other one's page says so, and the other way
 * round when it is lifted. A real server, PostgreSQL and Temporal; the built page. Last line: JSON, medians.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import getPort from 'get-port'
import type { Browser, Page } from 'playwright-core'
import { sources } from '../demo/refit'
import { createStore } from '../src/store'
import { down, up, type Stack } from '../stack'
import { openBrowser } from '../test/support/browser'
import { secretOf } from '../test/support/tokens'
import { openPage, sizes } from '../test/web/watched-page'
import { median } from './median'

const name = 'bench-live'
const rounds = 9
const config = `hub: { name: bench, environment: bench }
policies: [{ name: all, select: { namespaces: [hub], images: ['*'] } }]
`

async function main(): Promise<void> {
  const stack = await up({ name, node: 'simulated', parts: ['postgres', 'temporal'], yes: true })
  let server: ChildProcess | undefined
  let browser: Browser | undefined
  try {
    const { url, child, secrets } = await served(stack)
    server = child
    browser = await openBrowser()
    const ana = await logIn(browser, `${url}/calendar`, secrets.ana)
    const ben = await logIn(browser, url, secrets.ben)
    const [freezeMs, liftMs]: [number[], number[]] = [[], []]
    for (let round = 0; round < rounds; round += 1) {
      await open(ana, 'Freeze')
      freezeMs.push(await seenAfter(ana, 'Freeze', shows(ben, true)))
      await open(ben, 'Lift')
      liftMs.push(await seenAfter(ben, 'Lift it', shows(ana, false)))
      await banner(ben).waitFor({ state: 'detached' })
    }
    const result = { bench: 'live', rounds, freezeMs: median(freezeMs), liftMs: median(liftMs) }
    process.stdout.write(`${JSON.stringify({ ...result, freezeEach: freezeMs, liftEach: liftMs })}\n`)
  } finally {
    await browser?.close()
    if (server) {
      const closed = once(server, 'close')
      server.kill()
      await closed
    }
    await down(name, { purge: true })
  }
}

async function served(stack: Stack) {
  await stack.postgres.createDatabase('refit')
  const databaseUrl = stack.postgres.url('refit')
  const store = createStore(databaseUrl)
  await store.migrate()
  const [ana, ben] = [await secretOf(store, 'ana', 'operator'), await secretOf(store, 'ben', 'operator')]
  await store.close()
  const configFile = join(stack.stateDir, 'refit.yaml')
  await writeFile(configFile, config)
  const address = `127.0.0.1:${await getPort()}`
  const env = { PATH: process.env.PATH, DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: stack.temporal.address }
  const args = [...sources, '--config', configFile, 'server', '--listen', address]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'], env })
  const url = `http://${address}`
  for (;;) {
    const isReady = await fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isReady) return { url, child, secrets: { ana, ben } }
    if (child.exitCode !== null) throw new Error('the server ended')
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

async function logIn(browser: Browser, url: string, secret: string): Promise<Page> {
  const { page } = await openPage(browser, { viewport: sizes.desktop })
  await page.goto(url)
  await page.getByLabel('Token').fill(secret)
  await page.getByRole('button', { name: 'Log in', exact: true }).click()
  await page.getByText('Live', { exact: true }).waitFor()
  return page
}

const words = 'The hub is frozen'
const banner = (page: Page) => page.getByText(words)

/** Resolves with the change of the page itself: Playwright looks at intervals of up to half a second. */
const shows = (page: Page, wanted: boolean): Promise<unknown> =>
  page.evaluate(`new Promise((done) => {
    const look = () => document.body.innerText.includes('${words}') === ${wanted} && (observer.disconnect(), done(true))
    const observer = new MutationObserver(look)
    observer.observe(document.body, { childList: true, subtree: true, characterData: true })
    look()
  })`)

async function open(page: Page, act: string): Promise<void> {
  await page.getByRole('button', { name: act }).first().click()
  await page.getByRole('dialog').getByLabel(/^Why/).fill('the bench')
}

/** Milliseconds from the click that confirms until the other page shows it. */
async function seenAfter(page: Page, confirm: string, seen: Promise<unknown>): Promise<number> {
  const began = performance.now()
  await Promise.all([page.getByRole('dialog').getByRole('button', { name: confirm }).click(), seen])
  return Math.round(performance.now() - began)
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`)
    process.exit(1)
  },
)
