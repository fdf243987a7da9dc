import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fakeStore, fakeTemporal, lastScan } from '../operations/support'
import { refit } from './support'

describe('refit config', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'refit-cli-')), 'refit.yaml')
  const good =
    "hub: { name: a, environment: b }\npolicies: [{ name: p, select: { namespaces: [hub], images: ['*'] } }]\n"
  test('check names the hub and the policies', async () => {
    writeFileSync(file, good)
    expect(await refit(`config check ${file}`)).toMatchObject({
      code: 0,
      out: `${file} is fine: hub a (b), policies p (watch)\na worker reads it when it starts: restart it after a change\n`,
    })
    expect((await refit(`config check --config ${file} -o json`)).json()).toEqual({
      ok: true,
      file,
      hub: { name: 'a', environment: 'b' },
      policies: [{ name: 'p', mode: 'watch' }],
      warnings: [],
    })
    expect((await refit('config check', { env: { REFIT_CONFIG: file } })).code).toBe(0)
  })
  test('check names every bad value at once, with its path, and exits 2', async () => {
    writeFileSync(file, `${good.replace('name: p', 'name: p, mode: maybe')}scan: { every: never }\n`)
    const run = await refit(`config check ${file}`)
    expect(run.code).toBe(2)
    expect(run.err).toMatch(/2 problems:\n {2}.*policies\[0\]\.mode [^]*\n {2}.*scan\.every /)
  })
  test('schema is the JSON Schema of the file', async () => {
    expect((await refit('config schema')).json()).toMatchObject({
      title: 'refit.yaml',
      properties: { hub: expect.anything(), policies: expect.anything() },
    })
  })
})

describe('refit doctor', () => {
  test('exits 0 with warnings and 1 with failures, each with its next step', async () => {
    const { store } = fakeStore({ scan: lastScan(), worker: { configHash: 'x', at: new Date() } })
    expect(await refit('doctor --no-dev', { store })).toMatchObject({ code: 2 })
    const report = await refit('doctor -o json', { store })
    expect(report.code).toBe(0)
    expect((report.json().checks as unknown[])[0]).toEqual({
      name: 'config',
      state: 'ok',
      message: expect.any(String),
      next: null,
    })
    const broken = await refit('doctor', { store, temporal: fakeTemporal({ workers: 0 }).temporal })
    expect(broken.code).toBe(1)
    expect(broken.out).toMatch(/\n1 to mend(, \d+ warnings?)?; first worker\n$/)
    expect(broken.out).toMatch(/fail {2}worker +none polls task queue refit[^]*?next: Start a worker: refit worker\./)
  })
})
