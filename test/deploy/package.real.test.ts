import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildRefit } from '../support/built'

const root = join(__dirname, '../..')
let files: string[] = []
beforeAll(() => {
  buildRefit()
  const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
  })
  files = (JSON.parse(packed) as [{ files: { path: string }[] }])[0].files.map(({ path }) => path)
})

test.each([
  ...['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'refit.example.yaml'],
  ...['dist/src/cli.js', 'dist/workflow-bundle.js', 'dist/migrations/index.js', 'dist/web/index.html'],
])('the package has %s', (file) => expect(files).toContain(file))

test('what it starts is in it', () => {
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { bin: Record<string, string> }
  for (const file of Object.values(bin)) {
    expect(files).toContain(file)
    expect(readFileSync(join(root, file), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
  }
})

test('it has no tests, no TypeScript, no tools of development', () => {
  expect(
    files.filter((file) => /(^|\/)(test|bench|demo|stack|node_modules)\/|\.tsx?$|\.test\.|\.tsbuildinfo$/.test(file)),
  ).toEqual([])
  expect(files.filter((file) => !/^(dist\/|[^/]+$)/.test(file))).toEqual([])
})

/** Its own text, and the source map that may stand at its end. */
function textOf(file: string): string {
  const text = readFileSync(join(root, file), 'utf8')
  const [, map = ''] = /sourceMappingURL=data:[^,\s]*;base64,(\S+)/.exec(text) ?? []
  return text + Buffer.from(map, 'base64').toString('utf8')
}

test('no file, nor its source map, names the folder that it was built in, or looks like a secret', () => {
  const secrets = /-----BEGIN [A-Z ]*PRIVATE KEY-----|xox[abp]-[0-9]{8,}|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}/
  const guilty = files.filter((file) => {
    const text = textOf(file)
    return text.includes(`${root}/`) || secrets.test(text)
  })
  expect(guilty).toEqual([])
})

test('no file is one of configuration or state that a developer may have beside it', () => {
  expect(
    files.filter((file) => /(^|\/)(\.env|\.npmrc|\.git|.*\.(pem|key|dump|db|kubeconfig)$|refit\.yaml$)/.test(file)),
  ).toEqual([])
})
