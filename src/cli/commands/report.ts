import { upgradeReport } from '../../operations/report'
import { reportMarkdown } from '../../operations/report-markdown'
import type { Command } from '../context'
import { safeLines } from '../render'

/** The report of one upgrade: Markdown for people, and the same as data. */
export const run: Command<object> = async (context, [id = '']) => {
  const [store, config] = await Promise.all([context.parts.store(), context.parts.config()])
  const report = await context.waitFor('the store', () => upgradeReport({ store, config }, id, context.io.now()))
  context.print(report, () => [safeLines(reportMarkdown(report))])
}
