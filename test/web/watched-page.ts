import { readFileSync } from 'node:fs'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

export const sizes = {
  desktop: { width: 1280, height: 860 },
  phone: { width: 360, height: 740 },
} as const

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

/** A page whose complaints are kept: errors of its code, and what the content security policy refused. */
export async function openPage(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({ viewport: sizes.desktop, timezoneId: 'UTC', locale: 'en-GB', ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    // What a server answers on purpose, such as 404 or 503, is no fault of the page.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text())
  })
  return { page, complaints }
}

/** What axe-core finds serious or critical by the rules of WCAG 2.2 AA, in words. */
export async function seriousFindings(page: Page): Promise<string[]> {
  // As a debugger does it: the page's own policy allows no foreign script.
  await page.evaluate(axe)
  return page.evaluate<string[]>(`
    axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then(({ violations }) =>
      violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => id + ': ' + nodes.map(({ html, failureSummary }) => html.slice(0, 120) + ' ' + failureSummary).join(' | ')))`)
}

/** How far the page is wider than its window, in pixels. */
export const tooWide = (page: Page): Promise<number> =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')
