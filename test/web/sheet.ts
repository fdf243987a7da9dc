import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Browser } from 'playwright-core'

const height = 430

/** Pictures of one view side by side, as one small file. */
export async function saveSheet(browser: Browser, pictures: readonly Buffer[], file: string): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1_740, height: height + 20 } })
  const images = pictures.map(
    (each) => `<img height="${height}" src="data:image/png;base64,${each.toString('base64')}">`,
  )
  await page.setContent(`<body style="margin:10px;display:flex;gap:10px;background:#888">${images.join('')}</body>`)
  const session = await page.context().newCDPSession(page)
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 60 })
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, Buffer.from(data, 'base64'))
  await page.close()
}
