import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(__dirname, '..')
const lines = [...readFileSync(join(root, 'AGENTS.md'), 'utf8').matchAll(/^- `([^`]+)`: /gm)].map(([, path]) => path)
const filesOf = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesOf(`${folder}/${entry.name}`) : [`${folder}/${entry.name}`],
  )

test('every source file has a line in AGENTS.md', () => {
  expect(filesOf('src').filter((file) => !lines.includes(file))).toEqual([])
})

test('every line in AGENTS.md is of a file that exists, once', () => {
  expect(lines.filter((path) => path === undefined || !existsSync(join(root, path)))).toEqual([])
  expect(new Set(lines).size).toBe(lines.length)
})
