import { execFileSync, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { toBlob } from '../../examples/hub/image/layer'
import { push } from '../../examples/hub/image/push'
import { createRegistry, hostLimits } from '../../src/clients/registry'
import { main } from '../../scripts/release/cli'
import { changeWords } from '../../src/domain/change-words'
import { changesOf } from '../../src/domain/changes'
import { releaseNotes } from '../../src/operations/release-notes'
import { releaseNotesMarkdown } from '../../src/operations/release-notes-markdown'
import { down, type Stack, up } from '../../stack'
import { policy, service } from '../domain/fixtures'

const folder = mkdtempSync(join(tmpdir(), 'refit-release-'))
const root = join(__dirname, '../..')
const name = `release-${randomBytes(3).toString('hex')}`
const registry = createRegistry({ registries: [], limits: hostLimits() })
const unsigned = { 'commit.gpgSign': 'false', 'tag.gpgSign': 'false' }
let stack: Stack

beforeAll(async () => {
  git('init', '--quiet', '--initial-branch=main')
  // Whoever runs this may sign commits and have another name.
  for (const [key, value] of Object.entries({ 'user.name': 'ana', 'user.email': 'ana@example.org', ...unsigned }))
    git('config', key, value)
  git('remote', 'add', 'origin', 'git@git.example.org:hub/refit.git')
  write('package.json', '{\n  "name": "refit",\n  "version": "0.0.0"\n}\n')
  write(
    'package-lock.json',
    '{\n  "version": "0.0.0",\n  "packages": {\n    "": {\n      "version": "0.0.0"\n    }\n  }\n}\n',
  )
  stack = await up({ name, node: 'simulated', parts: ['registry'], yes: true, progress: () => undefined })
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await registry.close()
  await down(name, { purge: true })
})

const git = (...args: string[]): string => execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).trim()

function write(file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  writeFileSync(join(folder, file), text)
}

function commit(message: string, file = 'src/x.ts'): void {
  write(file, message)
  git('add', '.')
  git('commit', '--quiet', '--message', message)
}

const release = (...args: string[]): string => main([...args, '--folder', folder]).trim()

function refused(...args: string[]): string {
  try {
    release(...args)
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('it was not refused')
}

/** The image that a tag releases, with its labels, as a build makes it. */
async function publish(tag: string): Promise<string> {
  const labels = release('labels', '--tag', tag)
    .split('\n')
    .map((line) => line.replace('--label=', ''))
  const [, image = '', , version = ''] = release('image', '--tag', tag)
    .split('\n')
    .map((line) => line.split('=')[1] ?? '')
  const layer = toBlob(Buffer.from(tag))
  return push({
    ...{ registry: stack.registry.host, repository: image, tag: version, layers: [layer] },
    config: {
      ...{ os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [layer.digest] } },
      config: {
        Labels: Object.fromEntries(
          labels.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
        ),
      },
    },
  })
}

test('the entry prints what a command says, and refuses with exit code 2', () => {
  const tsx = join(root, 'node_modules/.bin/tsx')
  const entry = (...args: string[]) =>
    spawnSync(tsx, [join(root, 'scripts/release/main.ts'), ...args], { encoding: 'utf8' })
  expect(entry('next', '--component', 'other')).toMatchObject({
    ...{ status: 2, stdout: '' },
    stderr: expect.stringContaining('no component other; known: refit, ledger'),
  })
  expect(entry()).toMatchObject({ status: 2, stderr: expect.stringContaining('npm run release -- COMMAND') })
})

test('Refit: lines, patches, versions and notes come from the commits', () => {
  commit('feat: the first words')
  expect(release('next')).toContain('0.1.0 (minor after nothing)')
  expect(release('cut')).toBe(
    'v0.1.0\nbranch release/v0.1 made; push: git push --atomic origin v0.1.0 HEAD release/v0.1',
  )
  expect(JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'))).toEqual({
    ...{ version: '0.1.0' },
    packages: { '': { version: '0.1.0' } },
  })
  expect(git('log', '-1', '--format=%s')).toBe('chore(release): v0.1.0')
  expect(git('tag', '-l', '--format=%(contents)', 'v0.1.0')).toContain('### Features\n\n- the first words')
  expect(refused('cut')).toContain('nothing of refit to release since 0.1.0')

  commit('docs: no reason to release', 'src/readme.md')
  expect(release('next')).toBe('nothing of refit to release since 0.1.0')
  commit('fix: on main', 'src/y.ts')
  expect(release('next')).toContain('0.2.0 (minor after 0.1.0)')

  git('checkout', '--quiet', 'release/v0.1')
  commit('fix(security): tokens end\n\nSecurity: CVE-2026-1\nOperators: end all sessions once')
  expect(release('cut')).toBe('v0.1.1\npush: git push --atomic origin v0.1.1 HEAD release/v0.1')
  commit('feat: too much for a patch', 'src/z.ts')
  expect(refused('cut')).toMatch(/release 0\.1 takes fixes only, and has: [0-9a-f]{12} too much for a patch/)

  git('checkout', '--quiet', 'main')
  write('src/dirty.ts', 'x')
  expect(refused('cut')).toContain('the work tree has changes')
  git('clean', '--quiet', '--force')
  commit('feat!: one key less\n\nBREAKING CHANGE: x is called y', 'src/w.ts')
  expect(release('cut')).toContain('v0.2.0\nbranch release/v0.2 made')
  expect(release('notes', '--tag', 'v0.2.0')).toContain('### Breaking\n\n- x is called y')
  expect(refused('notes', '--tag', 'v9.9.9')).toContain('git')
})

test('services of the hub are released alike, and their labels are what Refit tells operators', async () => {
  const folderOf = 'examples/hub/services/ledger'
  commit('feat: payments', `${folderOf}/main.ts`)
  expect(release('cut', '--component', 'ledger')).toContain('ledger/v0.1.0\n')
  commit('feat: quotes\n\nOperators: give the ledger 1 GiB more disk', `${folderOf}/migrations/20260201_quotes.js`)
  expect(release('cut', '--component', 'ledger')).toContain('ledger/v0.2.0\n')
  commit('fix(security): nobody pays twice\n\nSecurity: CVE-2026-2', `${folderOf}/main.ts`)
  expect(release('next', '--component', 'ledger')).toContain('0.3.0 (minor after 0.2.0)')
  git('checkout', '--quiet', 'release/ledger/v0.2')
  commit('fix(security): nobody pays twice\n\nSecurity: CVE-2026-2', `${folderOf}/main.ts`)
  expect(release('cut', '--component', 'ledger')).toContain('ledger/v0.2.1\n')

  for (const version of ['0.1.0', '0.2.0', '0.2.1']) await publish(`ledger/v${version}`)
  const repository = `${stack.registry.host}/hub/ledger`
  const digest = (await registry.digestOf(repository, 'v0.2.0')) ?? ''
  const facts = await registry.imageFacts(repository, digest)
  expect(facts).toMatchObject({
    ...{
      version: '0.2.0',
      source: 'https://git.example.org/hub/refit',
      revision: git('rev-parse', 'ledger/v0.2.0^{commit}'),
    },
    ...{ change: 'feature', migrations: '20260201_quotes.js' },
  })
  const changes = facts && changesOf(facts, { from: 'v0.1.0', to: 'v0.2.0' })
  expect(changeWords({ tag: 'v0.2.0', digest, ...(changes ? { changes } : {}) })).toBe(
    'Its publisher calls it feature. To do: give the ledger 1 GiB more disk Data migrations: 20260201_quotes.js. Features: quotes.',
  )

  const releases = {
    '1.0.0': { 'hub/ledger': 'v0.1.0', 'hub/quoting': 'v1.0.0' },
    '1.1.0': { 'hub/ledger': 'v0.2.1', 'hub/quoting': 'v1.0.0' },
  }
  const found = await releaseNotes(
    {
      config: { billOfMaterials: { product: 'Hub', releases }, policies: [policy()] },
      kubernetes: { observeServices: () => Promise.resolve([service({ repository })]) },
      registry,
    },
    '1.0.0',
    '1.1.0',
  )
  expect(releaseNotesMarkdown(found)).toBe(`# 1.0.0 → 1.1.0

## What to do

- hub/ledger v0.2.0: give the ledger 1 GiB more disk

## Security

- hub/ledger v0.2.1: Security: nobody pays twice (CVE-2026-2).

## Data migrations

- hub/ledger v0.2.0: 20260201_quotes.js

## Images

### hub/ledger: v0.1.0 → v0.2.1

- v0.2.1 (security) Security: nobody pays twice (CVE-2026-2).
- v0.2.0 (feature) Features: quotes.

As before: hub/quoting.
`)
}, 60_000)

test('provenance says of which commit and lock file an image was made', () => {
  const digest = `sha256:${'a'.repeat(64)}`
  const about = [
    '--image',
    'registry.example.org/refit',
    '--digest',
    digest,
    '--builder',
    'https://ci.example.org/run/1',
  ]
  const statement = JSON.parse(release('provenance', '--tag', 'v0.2.0', ...about)) as Record<string, unknown>
  const lock = execFileSync('git', ['show', 'v0.2.0:package-lock.json'], { cwd: folder })
  expect(statement).toMatchObject({
    ...{ _type: 'https://in-toto.io/Statement/v1', predicateType: 'https://slsa.dev/provenance/v1' },
    subject: [{ name: 'registry.example.org/refit', digest: { sha256: 'a'.repeat(64) } }],
    predicate: {
      buildDefinition: {
        externalParameters: { component: 'refit', tag: 'v0.2.0', version: '0.2.0' },
        resolvedDependencies: [
          {
            uri: 'git+https://git.example.org/hub/refit@refs/tags/v0.2.0',
            digest: { gitCommit: git('rev-parse', 'v0.2.0^{commit}') },
          },
          { digest: { sha256: createHash('sha256').update(lock).digest('hex') } },
        ],
      },
      runDetails: { builder: { id: 'https://ci.example.org/run/1' } },
    },
  })
  expect(refused('provenance', '--tag', 'v0.2.0', ...about.with(3, 'sha256:x'))).toContain('is not a sha256 digest')
  expect(refused('provenance', '--tag', 'v0.2.0')).toContain('--image is missing')
})
