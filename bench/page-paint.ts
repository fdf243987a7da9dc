/** What the overview of 2,000 services costs a browser: bytes of the first load, first paint, frames while it is scrolled. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { pageFolder } from '../src/api/page'
import { openBrowser } from '../test/support/browser'
import { decided, services } from '../test/web/fake-data'
import { fakeHub } from '../test/web/fake-hub'
import { sizes } from '../test/web/watched-page'
import { median } from './median'

const count = 2_000
const rounds = 7

interface Seen {
  firstPaintMs: number
  /** when the first rows were there */
  rowsMs: number
  /** of about 60 a second, while the page is scrolled for 3 s */
  longestFrameMs: number
  slowFrames: number
}

async function main(): Promise<void> {
  services.push(
    ...Array.from({ length: count - services.length }, (_, index) =>
      decided(`ns-${index % 40}/service-${index}`, 'up-to-date', 'v1.0.0', 'nothing newer'),
    ),
  )
  const hub = await fakeHub()
  const address = await hub.app.listen({ host: '127.0.0.1', port: 0 })
  const browser = await openBrowser()
  try {
    const seen: Seen[] = []
    for (let round = 0; round < rounds; round += 1) seen.push(await look(browser, address))
    const of = (what: keyof Seen): number => Math.round(median(seen.map((each) => each[what])))
    process.stdout.write(
      `${JSON.stringify({
        ...{ services: services.length, rounds, firstLoadGzipKiB: firstLoad() },
        ...{ firstPaintMs: of('firstPaintMs'), rowsMs: of('rowsMs') },
        ...{ longestFrameMs: of('longestFrameMs'), slowFrames: of('slowFrames') },
      })}\n`,
    )
  } finally {
    await browser.close()
    await hub.app.close()
  }
}

/** One visit with an empty cache. */
async function look(browser: Browser, address: string): Promise<Seen> {
  const context = await browser.newContext({ viewport: sizes.desktop })
  const page = await context.newPage()
  await page.goto(address)
  await page.locator('.services tbody tr').first().waitFor()
  const [firstPaintMs, rowsMs] = await page.evaluate<[number, number]>(
    `[performance.getEntriesByName('first-contentful-paint')[0].startTime, performance.now()]`,
  )
  const frames = await page.evaluate<number[]>(`new Promise((done) => {
    const frames = []
    let last = performance.now()
    const until = last + 3000
    const step = (at) => {
      frames.push(at - last)
      last = at
      scrollBy(0, 60)
      if (at < until) requestAnimationFrame(step)
      else done(frames.slice(1))
    }
    requestAnimationFrame(step)
  })`)
  await context.close()
  return {
    ...{ firstPaintMs, rowsMs, longestFrameMs: Math.max(...frames) },
    slowFrames: frames.filter((each) => each > 50).length,
  }
}

/** Of the empty page, its script and its styles, as they are sent. */
function firstLoad(): number {
  const assets = readdirSync(join(pageFolder(), 'assets')).filter((name) => /^index-.*\.gz$/.test(name))
  const files = ['index.html.gz', ...assets.map((name) => join('assets', name))]
  return Math.round(files.reduce((sum, file) => sum + statSync(join(pageFolder(), file)).size, 0) / 1_024)
}

void main()
