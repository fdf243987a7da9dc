import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { type Commit, type Git, type GitBranch, withGit } from '../../src/clients/git'
import { bareRepository, type BareRepository } from '../support/bare-repository'
import { type GitHttp, startGitHttp } from '../support/git-http'

const file = 'apps/ledger.yaml'
const text = '# größer als ASCII\nimage: a:1\n'
let bare: BareRepository
beforeEach(async () => void (bare = await bareRepository({ [file]: text, 'other.yaml': 'x: 1\n' })))
afterEach(() => bare.remove())

const environment = { PATH: process.env.PATH, GIT_TOKEN: 'S3CRET', GIT_DIR: '/elsewhere', GIT_TRACE: '1' }
const open = <T>(work: (git: Git) => Promise<T>, more: Partial<GitBranch> = {}): Promise<T> =>
  withGit({ repository: bare.path, branch: 'main', ...more }, environment, work)
const change = (from: string, to: string, more: Partial<Commit> = {}): Commit => ({
  file,
  edit: (before) => before.replace(from, to),
  message: `set to ${to}\n\nRefit-Upgrade: x-1\n`,
  author: 'Refit <refit@example.org>',
  ...more,
})
const leftovers = () => readdirSync(tmpdir()).filter((name) => name.startsWith('refit-git-'))

test('reads the file at the tip, with the commit and its message', async () => {
  expect(await open((git) => git.read(file))).toMatchObject({
    text,
    commit: await bare.tip(),
    message: 'the beginning\n\n',
  })
})

test('commits one file on top of the tip, and leaves nothing behind', async () => {
  const before = await bare.tip()
  const known = leftovers()
  const done = await open((git) => git.commit(change('a:1', 'a:2')))
  expect(done).toMatchObject({ changed: true, commit: await bare.tip(), text: text.replace('a:1', 'a:2') })
  expect(await bare.read(file)).toBe(text.replace('a:1', 'a:2'))
  expect(await bare.git('diff', '--name-status', before, 'main')).toBe(`M\t${file}\n`)
  expect(await bare.git('log', '-1', '--format=%P %an <%ae> %cn', 'main')).toBe(
    `${before} Refit <refit@example.org> Refit\n`,
  )
  expect(leftovers().filter((name) => !known.includes(name))).toEqual([])
})

test('an edit that changes nothing makes no commit', async () => {
  const tip = await bare.tip()
  expect(await open((git) => git.commit(change('a:9', 'a:2')))).toMatchObject({ changed: false, commit: tip })
  expect(await bare.tip()).toBe(tip)
})

test('an edit that throws pushes nothing', async () => {
  const tip = await bare.tip()
  const edit = () => {
    throw new Error('conflict')
  }
  await expect(open((git) => git.commit(change('', '', { edit })))).rejects.toThrow('conflict')
  expect(await bare.tip()).toBe(tip)
})

/** The file with another mode, as git keeps it. */
async function setMode(mode: string): Promise<void> {
  const blob = (await bare.git('rev-parse', `main:${file}`)).trim()
  await bare.git('read-tree', 'main')
  await bare.git('update-index', '--cacheinfo', `${mode},${blob},${file}`)
  const tree = (await bare.git('write-tree')).trim()
  const commit = (await bare.git('commit-tree', tree, '-p', 'main', '-m', mode)).trim()
  await bare.git('update-ref', 'refs/heads/main', commit)
}

test('an executable file stays one', async () => {
  await setMode('100755')
  await open((git) => git.commit(change('a:1', 'a:2')))
  expect(await bare.git('ls-tree', 'main', file)).toMatch(/^100755 /)
})

describe('somebody else pushes at the same time', () => {
  test('before the push arrives: it is made again on the new tip', async () => {
    // The server's own hook lets a person's commit in first, once.
    await bare.commit({ 'later.yaml': 'x: 1\n' }, 'a person was faster')
    const theirs = await bare.tip()
    await bare.git('update-ref', 'refs/heads/main', `${theirs}^`)
    await bare.hook(
      'pre-receive',
      `unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
test -e raced || { touch raced; git update-ref refs/heads/main ${theirs}; }`,
    )
    const done = await open((git) => git.commit(change('a:1', 'a:2')))
    expect(done).toMatchObject({ changed: true, commit: await bare.tip() })
    expect(await bare.git('rev-parse', 'main^')).toBe(`${theirs}\n`)
    expect(await bare.read('later.yaml')).toBe('x: 1\n')
    expect(await bare.read(file)).toContain('a:2')
  })

  test('the same change: it is not made twice', async () => {
    await open((git) => git.commit(change('a:1', 'a:2')))
    const tip = await bare.tip()
    expect(await open((git) => git.commit(change('a:1', 'a:2')))).toMatchObject({
      changed: false,
      commit: tip,
      message: expect.stringContaining('Refit-Upgrade: x-1') as string,
    })
  })
})

describe('what can not be done is refused, with the next step', () => {
  const refused = (message: RegExp) =>
    expect.objectContaining({ code: 'GIT_REFUSED', message: expect.stringMatching(message) as string }) as Error
  test('no such branch', () =>
    expect(open((git) => git.read(file), { branch: 'nowhere' })).rejects.toEqual(refused(/couldn't find remote ref/)))
  test('no such repository', () =>
    expect(open((git) => git.read(file), { repository: `${bare.path}x` })).rejects.toEqual(refused(/fetch main/)))
  test('no such file', () =>
    expect(open((git) => git.read('apps/none.yaml'))).rejects.toEqual(refused(/has no file apps\/none\.yaml/)))
  test('a folder', () => expect(open((git) => git.read('apps'))).rejects.toEqual(refused(/no plain file/)))
  test('a link, which leads who knows where', async () => {
    await setMode('120000')
    await expect(open((git) => git.read(file))).rejects.toEqual(refused(/no plain file/))
  })
  test('a file that is no text', async () => {
    await bare.commit({ 'bytes.yaml': Buffer.from([0x61, 0xff, 0x0a]) })
    await expect(open((git) => git.read('bytes.yaml'))).rejects.toEqual(refused(/is not UTF-8/))
  })
  test('a branch that the server protects', async () => {
    await bare.hook('pre-receive', 'echo "main is protected: open a merge request"; exit 1')
    await expect(open((git) => git.commit(change('a:1', 'a:2')))).rejects.toEqual(
      refused(/pre-receive.*main is protected/),
    )
    expect(await bare.read(file)).toBe(text)
  })
  test('a token whose variable is not set', () =>
    expect(open((git) => git.read(file), { token: 'NOT_SET' })).rejects.toEqual(refused(/NOT_SET of gitops\.token/)))
})

describe('over HTTP', () => {
  let http: GitHttp
  beforeEach(async () => void (http = await startGitHttp(bare.path, 'refit:S3CRET')))
  afterEach(() => http.close())
  const login = () => ({ repository: http.url, user: 'refit', token: 'GIT_TOKEN' })

  test('the token logs in, and a commit arrives', async () => {
    await open((git) => git.checkPush(), login())
    expect(await open((git) => git.commit(change('a:1', 'a:2')), login())).toMatchObject({ changed: true })
    expect(await bare.read(file)).toContain('a:2')
    expect(new Set(http.authorizations)).toEqual(new Set([`Basic ${Buffer.from('refit:S3CRET').toString('base64')}`]))
  })

  test.each([
    ['a wrong user', { user: 'other' }],
    ['no token', { token: undefined, user: undefined }],
  ])('%s is refused without a prompt, and no error shows the token', async (_, more) => {
    const error: unknown = await open((git) => git.read(file), { ...login(), ...more }).catch(
      (reason: unknown) => reason,
    )
    expect(error).toMatchObject({ code: 'GIT_REFUSED', next: expect.stringContaining('gitops.token') as string })
    expect(JSON.stringify(error) + String(error)).not.toMatch(/S3CRET|Basic/)
  })

  test('a redirect is not followed', async () => {
    const other = await startGitHttp(bare.path)
    http.answer = { status: 302, location: `${other.url}/info/refs?service=git-upload-pack` }
    await expect(open((git) => git.read(file), login())).rejects.toMatchObject({ code: 'GIT_REFUSED' })
    expect(other.authorizations).toEqual([])
    await other.close()
  })

  test('a server that has a bad day is tried again', async () => {
    http.answer = { status: 503 }
    await expect(open((git) => git.read(file), login())).rejects.toMatchObject({
      code: 'GIT_UNAVAILABLE',
      retryable: true,
    })
    await http.close()
    await expect(open((git) => git.read(file), login())).rejects.toMatchObject({
      code: 'GIT_UNAVAILABLE',
      retryable: true,
    })
  })
})
