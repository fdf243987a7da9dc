import Table from 'cli-table3'
import { imageWatcherAnswer } from '../src/domain/image-watcher'
import { explainTags } from '../src/domain/tag-policy'

/** A tag list in the shape of Mojaloop's: releases, snapshots of the next ones, a typo, a hot-fix, a branch build, floating tags. */
const tags = [
  ...['v15.0.0', 'v15.1.0', 'v15.1.1', 'v15.1.2', 'v15.1.3', 'v15.2.0', 'v16.0.0', 'v17.0.0'],
  ...[
    'v15.1.2.1',
    'v15.2.1-snapshot.4',
    'v17.1.0-snapshot.0',
    'v15.1.4-snapshot.0',
    'v10.3.0.2-pisp',
    'v8.7.0.19-snapshot',
  ],
  ...['v.11.12.0', 'v', 'test-ci', 'latest', 'snapshot', 'minor-iso', '5.5.0'],
]
const current = 'v15.1.2'

/** Needs nothing but Node: what the predecessor's rule answers to a real kind of tag list, and what Refit answers and why. */
export function act0(print: (text: string) => void): void {
  print(`Act 0: ${current} runs, and the registry lists ${tags.length} tags. What is the newest that may be offered?`)
  const table = new Table({
    head: ['strategy', "image-watcher's rule", 'Refit', 'why'],
    style: { head: [], border: [] },
  })
  for (const strategy of ['bugfix', 'minor', 'major'] as const) table.push(row(strategy))
  print(table.toString())
  const { explanations } = explainTags({ current, tags, strategy: 'major', prerelease: 'none' })
  const telling = ['v17.1.0-snapshot.0', 'v15.1.2.1', 'v.11.12.0', 'latest']
  print('Every tag can be explained:')
  for (const each of explanations.filter(({ tag }) => telling.includes(tag)))
    print(`  ${each.tag.padEnd(20)} ${each.verdict}: ${each.reason}`)
}

function row(strategy: 'bugfix' | 'minor' | 'major'): string[] {
  const { chosen = 'nothing', explanations } = explainTags({ current, tags, strategy, prerelease: 'none' })
  const why = explanations.find(({ tag }) => tag === chosen)?.reason ?? 'nothing newer'
  return [strategy, imageWatcherAnswer(current, tags, strategy) ?? 'nothing', chosen, why]
}
