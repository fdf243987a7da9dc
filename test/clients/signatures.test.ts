import { generateKeyPairSync } from 'node:crypto'
import type { FoundSignature } from '../../src/clients/registry/signatures'
import { verifySignatures } from '../../src/clients/signatures/verify'
import type { SignatureRule } from '../../src/domain/signature'
import { digest } from '../domain/fixtures'
import { identitySigners, keySigner, payloadOf, statementOf } from '../support/signer'

const image = digest('b')
const other = digest('c')
const publisher = keySigner()
const stranger = keySigner()
const rsa = keySigner(generateKeyPairSync('rsa', { modulusLength: 2048 }))
const p384 = keySigner(generateKeyPairSync('ec', { namedCurve: 'secp384r1' }))

const of = (rules: SignatureRule[], found: FoundSignature[]) => verifySignatures(found, { digest: image, rules })

describe('by a key', () => {
  test.each<[string, SignatureRule, FoundSignature[]]>([
    ['the older form', publisher.rule, [publisher.simple(payloadOf(image))]],
    ['a bundle', publisher.rule, [publisher.bundle(statementOf(image))]],
    ['a bundle without a hint', publisher.rule, [publisher.bundle(statementOf(image), '')]],
    ['a signed provenance', publisher.rule, [publisher.bundle(statementOf(image, 'https://slsa.dev/provenance/v1'))]],
    ['an RSA key', rsa.rule, [rsa.simple(payloadOf(image))]],
    ['an RSA key, as a bundle', rsa.rule, [rsa.bundle(statementOf(image))]],
    ['a P-384 key', p384.rule, [p384.simple(payloadOf(image))]],
    ['one of several', publisher.rule, [stranger.bundle(statementOf(image)), publisher.simple(payloadOf(image))]],
    [
      'also beside one that is none',
      publisher.rule,
      [stranger.simple(payloadOf(image)), publisher.simple(payloadOf(image))],
    ],
  ])('signed: %s', (_, rule, found) =>
    expect(of([rule], found)).toEqual({ kind: 'signed', by: expect.stringMatching(/^the key sha256:[0-9a-f]{12}$/) }),
  )

  test('one rule of several is enough, so that a key can be replaced', () =>
    expect(of([stranger.rule, publisher.rule], [publisher.simple(payloadOf(image))])).toMatchObject({ kind: 'signed' }))

  test.each<[string, FoundSignature[], string]>([
    ['nothing', [], 'is not signed; the policy wants a signature by the key sha256:'],
    ['a bundle of another key', [stranger.bundle(statementOf(image))], 'is not signed by the key sha256:'],
    [
      'a statement about its flaws',
      [publisher.bundle(statementOf(image, 'https://in-toto.io/attestation/vulns'))],
      'is not signed;',
    ],
  ])('unsigned: %s', (_, found, reason) =>
    expect(of([publisher.rule], found)).toEqual({
      ...{ kind: 'held', verdict: 'unsigned' },
      reason: expect.stringContaining(reason),
    }),
  )

  const changed = publisher.simple(payloadOf(image))
  const envelope = publisher.bundle(statementOf(other))
  const forged = {
    ...envelope.bundle,
    dsseEnvelope: { ...(envelope.bundle.dsseEnvelope as object), payload: statementOf(image).toString('base64') },
  }
  test.each<[string, FoundSignature, string]>([
    ['of another key', stranger.simple(payloadOf(image)), 'did not make it'],
    ['of another image', publisher.simple(payloadOf(other)), `made for another image (${other})`],
    ['of another image, as a bundle', publisher.bundle(statementOf(other)), `made for another image (${other})`],
    ['a bundle of another key that does not say so', stranger.bundle(statementOf(image), ''), 'did not make it'],
    ['a text that was changed', { ...changed, payload: payloadOf(image, 'x') }, 'names no image'],
    [
      'a text that was changed a little',
      { ...changed, payload: Buffer.concat([changed.payload, Buffer.from(' ')]) },
      'did not make it',
    ],
    ['a bundle that was changed', { kind: 'bundle', bundle: forged }, 'did not make it'],
    ['no base64', { ...changed, signature: '%%%' }, ''],
    ['no JSON', { ...changed, payload: Buffer.from('x') }, ''],
    ['an empty bundle', { kind: 'bundle', bundle: {} }, ''],
    [
      'one that can not be read',
      { kind: 'unreadable', reason: 'its bundle is incomplete' },
      'its bundle is incomplete',
    ],
  ])('a bad signature: %s', (_, found, reason) =>
    expect(of([publisher.rule], [found])).toEqual({
      ...{ kind: 'held', verdict: 'bad-signature' },
      reason: expect.stringMatching(
        new RegExp(`^has a signature that can't be trusted: .*${reason.replace(/[()]/g, '\\$&')}`),
      ),
    }),
  )
})

describe('by an identity', () => {
  const issuer = 'https://token.actions.githubusercontent.com'
  const workflow = 'https://github.com/hub/ledger/.github/workflows/release.yml@refs/tags/v1.0.1'
  const who = { identity: workflow, issuer }
  let own: Awaited<ReturnType<typeof identitySigners>>
  let elsewhere: typeof own
  beforeAll(async () => {
    own = await identitySigners()
    elsewhere = await identitySigners()
  })

  test.each([
    ['exactly', workflow],
    ['of any tag', 'https://github.com/hub/ledger/.github/workflows/release.yml@refs/tags/*'],
    ['of any ref', 'https://github.com/hub/ledger/.github/workflows/release.yml@refs/**'],
    ['of any repository of an organisation', 'https://github.com/hub/*/.github/workflows/release.yml@refs/tags/v*'],
  ])('signed: %s', async (_, identity) => {
    const rule = own.rule({ identity, issuer })
    expect(of([rule], [await own.simple(who, payloadOf(image))])).toEqual({
      kind: 'signed',
      by: `${workflow} (${issuer})`,
    })
    expect(of([rule], [await own.bundle(who, statementOf(image))])).toEqual({
      kind: 'signed',
      by: `${workflow} (${issuer})`,
    })
  })

  test.each([
    ['another issuer', { identity: workflow, issuer: 'https://accounts.example.org' }],
    ['another workflow', { identity: workflow.replace('release', 'try'), issuer }],
    ['another organisation with the same end', { identity: `https://evil.example.org/${workflow}`, issuer }],
    ['a longer reference', { identity: `${workflow}/more`, issuer }],
  ])('unsigned: %s', async (_, signer) => {
    const rule = own.rule({ identity: workflow.replace('v1.0.1', '*'), issuer })
    for (const found of [await own.simple(signer, payloadOf(image)), await own.bundle(signer, statementOf(image))])
      expect(of([rule], [found])).toEqual({
        ...{ kind: 'held', verdict: 'unsigned' },
        reason: expect.stringContaining(`but by ${signer.identity} (${signer.issuer})`),
      })
  })

  test('a key is no identity, and an identity no key', async () => {
    const rule = own.rule(who)
    expect(of([rule], [publisher.simple(payloadOf(image))])).toMatchObject({ verdict: 'unsigned' })
    expect(of([publisher.rule], [await own.bundle(who, statementOf(image))])).toMatchObject({ verdict: 'unsigned' })
    expect(of([publisher.rule, rule], [await own.bundle(who, statementOf(image))])).toEqual({
      kind: 'signed',
      by: `${workflow} (${issuer})`,
    })
  })

  test('a bad signature: by another authority, of another image, without its log entry, changed', async () => {
    const rule = own.rule(who)
    const [simple, bundle] = [await own.simple(who, payloadOf(image)), await own.bundle(who, statementOf(image))]
    const { kind, payload, signature, certificate = '' } = simple
    const unlogged = { kind, payload, signature, certificate }
    const elsewhereSigned = await elsewhere.bundle(who, statementOf(image))
    const wrong: FoundSignature[] = [
      await elsewhere.simple(who, payloadOf(image)),
      elsewhereSigned,
      await own.simple(who, payloadOf(other)),
      await own.bundle(who, statementOf(other)),
      unlogged,
      { ...simple, log: (await own.simple(who, payloadOf(other))).log ?? '' },
      { ...simple, log: '{' },
      { ...simple, certificate: 'x' },
      { ...simple, payload: payloadOf(image, 'x') },
      { kind: 'bundle', bundle: { ...bundle.bundle, dsseEnvelope: elsewhereSigned.bundle.dsseEnvelope } },
      {
        kind: 'bundle',
        bundle: { ...bundle.bundle, verificationMaterial: elsewhereSigned.bundle.verificationMaterial },
      },
    ]
    for (const found of wrong) expect(of([rule], [found])).toMatchObject({ kind: 'held', verdict: 'bad-signature' })
  })
})
