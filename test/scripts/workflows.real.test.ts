import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { buildBinaries } from '../../stack'

const root = join(__dirname, '../..')
const folder = join(root, '.github/workflows')
const files = readdirSync(folder)
const scripts = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> })
  .scripts

interface Step {
  uses?: string
  run?: string
}
interface Workflow {
  permissions?: Record<string, string>
  jobs: Record<string, { uses?: string; steps?: Step[] }>
}

test('actionlint has nothing to say of the workflows', async () => {
  const { actionlint = '' } = await buildBinaries(['actionlint'], () => undefined)
  // Other linters that may lie on PATH are not of a pinned version.
  execFileSync(actionlint, ['-no-color', '-shellcheck=', '-pyflakes=', ...files.map((file) => join(folder, file))], {
    cwd: root,
  })
})

test.each(files)(
  '%s: actions are pinned by commit, it may only read unless a job says more, and npm scripts exist',
  (file) => {
    const text = readFileSync(join(folder, file), 'utf8')
    const { jobs, permissions } = parse(text) as Workflow
    expect(permissions).toEqual({ contents: 'read' })
    const steps = Object.values(jobs).flatMap((job) => job.steps ?? [])
    for (const { uses } of [...steps, ...Object.values(jobs)])
      if (uses !== undefined && !uses.startsWith('./')) expect(uses).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/)
    for (const line of text.split('\n').filter((each) => each.includes('uses: actions/')))
      expect(line).toMatch(/# v\d+\.\d+\.\d+$/)
    for (const [, script = ''] of text.matchAll(/npm run --silent ([\w:]+)/g))
      expect(Object.keys(scripts)).toContain(script)
  },
)
