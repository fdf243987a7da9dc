import { randomBytes } from 'node:crypto'
import { signatureOf } from '../../src/activities/signed'
import { createRegistry, hostLimits } from '../../src/clients/registry'
import type { FoundSignature } from '../../src/clients/registry/signatures'
import type { SignatureRule } from '../../src/domain/signature'
import { down, type Stack, up } from '../../stack'
import { policy, service } from '../domain/fixtures'
import { pushSignatures } from '../support/push-signature'
import { registryProxy } from '../support/registry-proxy'
import { identitySigners, keySigner, payloadOf, statementOf } from '../support/signer'

const name = `signatures-${randomBytes(3).toString('hex')}`
const index = 'application/vnd.oci.image.index.v1+json'
let stack: Stack
beforeAll(async () => {
  stack = await up({ name, node: 'simulated', parts: ['registry'], yes: true, progress: () => undefined })
})
afterAll(() => down(name, { purge: true }))

const registry = createRegistry({ registries: [], limits: hostLimits() })
afterAll(() => registry.close())

/** An image of its own; its digest. */
async function push(repository: string): Promise<string> {
  const body = JSON.stringify({ schemaVersion: 2, mediaType: index, manifests: [], annotations: { repository } })
  const url = `http://${stack.registry.host}/v2/${repository}/manifests/v1.0.1`
  const answer = await fetch(url, { method: 'PUT', headers: { 'content-type': index }, body })
  return answer.headers.get('docker-content-digest') ?? ''
}

const verdictOf = (repository: string, digest: string, rule: SignatureRule, host = stack.registry.host) =>
  signatureOf(registry, {
    policy: policy({ signatures: [rule] }),
    service: service({ repository: `${host}/${repository}` }),
    digest,
  })

const workflow = 'https://github.com/hub/ledger/.github/workflows/release.yml@refs/tags/v1.0.1'
const who = { identity: workflow, issuer: 'https://token.actions.githubusercontent.com' }
const publisher = keySigner()

test('signatures of either form, by key and by identity, are found in a real registry and verified without asking anybody else', async () => {
  const people = await identitySigners()
  const cases: [SignatureRule, (digest: string) => FoundSignature | Promise<FoundSignature>][] = [
    [publisher.rule, (digest) => publisher.simple(payloadOf(digest))],
    [publisher.rule, (digest) => publisher.bundle(statementOf(digest))],
    [people.rule(who), (digest) => people.simple(who, payloadOf(digest))],
    [people.rule(who), (digest) => people.bundle(who, statementOf(digest))],
  ]
  for (const [position, [rule, sign]] of cases.entries()) {
    const repository = `hub/signed-${position}`
    const digest = await push(repository)
    expect(await verdictOf(repository, digest, rule)).toMatchObject({ kind: 'held', verdict: 'unsigned' })
    await pushSignatures({ host: stack.registry.host, repository, digest }, [await sign(digest)])
    expect(await verdictOf(repository, digest, rule)).toMatchObject({ kind: 'signed' })
    expect(await verdictOf(repository, digest, keySigner().rule)).toMatchObject({ kind: 'held' })
  }
  expect(Object.keys(registry.requests())).toEqual([stack.registry.host])
})

test('a signature copied from another image is a bad one', async () => {
  const [digest, elsewhere] = [await push('hub/copied'), await push('hub/copied-from')]
  const at = { host: stack.registry.host, repository: 'hub/copied', digest }
  await pushSignatures(at, [publisher.simple(payloadOf(elsewhere)), publisher.bundle(statementOf(elsewhere))])
  expect(await verdictOf('hub/copied', digest, publisher.rule)).toEqual({
    ...{ kind: 'held', verdict: 'bad-signature' },
    reason: `has a signature that can't be trusted: it was made for another image (${elsewhere})`,
  })
})

test('a registry that is busy says nothing of a signature', async () => {
  const digest = await push('hub/busy')
  const proxy = await registryProxy(stack.registry.host)
  try {
    proxy.throttle('3600')
    await expect(verdictOf('hub/busy', digest, publisher.rule, proxy.host)).rejects.toMatchObject({
      code: 'REGISTRY_BUSY',
    })
  } finally {
    await proxy.close()
  }
})
