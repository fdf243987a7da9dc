import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { pages } from '../support/doc-commands'

const root = join(__dirname, '../..')

/** As GitHub makes them of titles; an `<a id>` is one, too. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set([...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id))
  const counts = new Map<string, number>()
  for (const [, title = ''] of withoutCode(text).matchAll(/^#{1,6} +(.+?) *$/gm)) {
    const slug = title
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .replaceAll(' ', '-')
    const count = counts.get(slug) ?? 0
    counts.set(slug, count + 1)
    anchors.add(count === 0 ? slug : `${slug}-${count}`)
  }
  return anchors
}

const withoutCode = (text: string): string => text.replace(/^```[^\n]*\n[\s\S]*?^```/gm, '')

test('every link of the documentation leads to a page, and to a title of it', () => {
  const broken = pages().flatMap((file) => {
    const text = readFileSync(file, 'utf8')
    return [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => {
      if (/^(?:https?|mailto):/.test(target)) return []
      const [path = '', anchor] = target.split('#')
      const page = path === '' ? file : join(dirname(file), path)
      const at = `${relative(root, file)}: ${target}`
      if (!existsSync(page)) return [at]
      if (anchor === undefined || !page.endsWith('.md')) return []
      return anchorsOf(readFileSync(page, 'utf8')).has(anchor) ? [] : [at]
    })
  })
  expect(broken).toEqual([])
})

test('every page of docs is in its index', () => {
  const index = readFileSync(join(root, 'docs/README.md'), 'utf8')
  const missing = pages()
    .map((file) => relative(join(root, 'docs'), file))
    .filter((name) => !name.startsWith('..') && name !== 'README.md')
    .filter((name) => !index.includes(`](${name}`))
  expect(missing).toEqual([])
})
