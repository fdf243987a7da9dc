import { imageIn, withImages } from '../../src/clients/manifest-images'
import type { ImageOwner } from '../../src/clients/image-sites'
import { digest, image, newImage, repository } from '../domain/fixtures'

const owner: ImageOwner = { kind: 'Deployment', name: 'ledger-api', namespace: 'hub', repository }
const [old, now] = [image('v1.0.0'), newImage]
const tags = { old: 'v1.0.0', now: `v1.0.1@${digest('b')}` }
const app = { name: 'ledger', init: false, from: old, to: now }
const migrate = { name: 'migrate', init: true, from: old, to: now }

const manifest = `# the ledger
apiVersion: v1
kind: Service
metadata: { name: ledger-api }
---
apiVersion: apps/v1
kind: Deployment
metadata:
    name: ledger-api   # as the Service says
    namespace: hub
spec:
    template:
        spec:
            initContainers:
            - {image: "${old}", name: migrate}   # runs first
            containers:
            - name: sidecar
              image: ${repository}-proxy:v9
            - image: '${old}' # kept by Refit
              name: ledger
              args: [ "--label=${old}" ]
`
const nested = (kind: string, spec: string) =>
  `kind: ${kind}\nmetadata: {name: ledger-api}\nspec:\n  ${spec}: {spec: {containers: [{name: ledger, image: ${old}}]}}\n`
const kustomization = `kind: Kustomization
apiVersion: kustomize.config.k8s.io/v1beta1
images:
- name: other
  newTag: v1.0.0
- name: ledger
  newName: ${repository}
  newTag: v1.0.0 # by hand until now
`

describe('only the image changes, to the byte, and comes back', () => {
  test.each<[string, string, Partial<ImageOwner>, [string, string][]]>([
    ['a manifest of several documents', manifest, {}, [[`'${old}' #`, `'${now}' #`]]],
    ['one with Windows line ends', manifest.replaceAll('\n', '\r\n'), {}, [[`'${old}' #`, `'${now}' #`]]],
    ['one with letters of many bytes', `# Überweisung 💶\n${manifest}`, {}, [[`'${old}' #`, `'${now}' #`]]],
    ['a StatefulSet', nested('StatefulSet', 'template'), { kind: 'StatefulSet' }, [[old, now]]],
    [
      'a CronJob',
      nested('CronJob', 'jobTemplate: {spec: {template').replace('}]}}', '}]}}}}'),
      { kind: 'CronJob' },
      [[old, now]],
    ],
    [
      'JSON',
      JSON.stringify(
        {
          kind: 'List',
          items: [
            {
              kind: 'Deployment',
              metadata: { name: 'ledger-api' },
              spec: { template: { spec: { containers: [{ name: 'ledger', image: old }] } } },
            },
          ],
        },
        null,
        '\t',
      ),
      {},
      [[old, now]],
    ],
    ['an anchor', manifest.replace(`'${old}' #`, `&img '${old}' #`), {}, [[`'${old}' #`, `'${now}' #`]]],
    ['a kustomization', kustomization, {}, [['newTag: v1.0.0 #', `newTag: ${tags.now} #`]]],
    [
      'one that names the repository itself',
      kustomization.replace('name: ledger\n', `name: ${repository}\n`).replace(/ {2}newName.*\n/, ''),
      {},
      [['newTag: v1.0.0 #', `newTag: ${tags.now} #`]],
    ],
    [
      'one with a digest',
      kustomization + `  digest: ${digest('a')}\n`,
      {},
      [
        ['newTag: v1.0.0 #', 'newTag: v1.0.1 #'],
        [digest('a'), digest('b')],
      ],
    ],
    [
      'one without a kind',
      kustomization.split('\n').slice(2).join('\n'),
      {},
      [['newTag: v1.0.0 #', `newTag: ${tags.now} #`]],
    ],
    [
      "Flux's Kustomization",
      `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec:\n  images:\n    - { name: ${repository}, newTag: "v1.0.0" }\n`,
      {},
      [['"v1.0.0"', `"${tags.now}"`]],
    ],
    [
      'a tag of Helm values',
      'ledger:\n  image:\n    repository: x\n    tag: v1.0.0 # see runbook\n',
      { path: ['ledger', 'image', 'tag'] },
      [['v1.0.0', tags.now]],
    ],
    ['a whole image in Helm values', `ledger:\n  image: ${old}\n`, { path: ['ledger', 'image'] }, [[old, now]]],
    [
      'the values of a HelmRelease of Flux',
      `kind: Namespace\n---\nkind: HelmRelease\nspec: { values: { image: { tag: v1.0.0, digest: "" } } }\n`,
      { path: ['spec', 'values', 'image', 'tag'] },
      [['v1.0.0', tags.now]],
    ],
  ])('%s', (_, text, more, replaced) => {
    const place = { ...owner, ...more }
    const from = text.includes(digest('a')) ? `${old}@${digest('a')}` : old
    expect(imageIn(text, 'f.yaml', place, app)).toEqual({ image: from })
    const edited = withImages(text, 'f.yaml', place, [{ ...app, from }])
    expect(edited).toBe(replaced.reduce((all, [was, is]) => all.replace(was, is), text))
    expect(withImages(edited, 'f.yaml', place, [{ ...app, from }])).toBe(edited)
    expect(withImages(edited, 'f.yaml', place, [{ ...app, from: now, to: from }])).toBe(text)
  })

  test('an init container has its own image', () => {
    expect(withImages(manifest, 'f.yaml', owner, [migrate])).toBe(manifest.replace(`"${old}", name`, `"${now}", name`))
    const both = withImages(manifest, 'f.yaml', owner, [migrate, app])
    expect(both.split(now)).toHaveLength(3)
  })

  test('containers that share a value change together', () => {
    const edited = withImages(kustomization, 'f.yaml', owner, [migrate, app])
    expect(edited).toBe(kustomization.replace('newTag: v1.0.0 #', `newTag: ${tags.now} #`))
  })

  test('a tag that reads as a number stays a text when it comes back', () => {
    const text = 'image: { tag: v2 }\n'
    const edited = withImages(text, 'f', { ...owner, path: ['image', 'tag'] }, [
      { ...app, from: image('v2'), to: image('1.10') },
    ])
    expect(edited).toBe('image: { tag: "1.10" }\n')
  })
})

describe('what is in the way is named, with the file', () => {
  const path = { path: ['image', 'tag'] }
  test.each<[string, string, Partial<ImageOwner>, RegExp]>([
    ['no YAML', 'a: [', {}, /^f\.yaml is no YAML/],
    ['an empty file', '', {}, /has no Deployment ledger-api/],
    ['another name', manifest, { name: 'ledger' }, /has no Deployment ledger$/],
    ['another namespace', manifest, { namespace: 'dfsp' }, /has no Deployment ledger-api/],
    ['two of that name', `${manifest}---\n${manifest}`, {}, /has two Deployments ledger-api/],
    ['no such container', manifest.replace('name: ledger\n', 'name: other\n'), {}, /has no container ledger in/],
    ['no image', manifest.replace(`'${old}' #`, '#'), {}, /has no text as image of ledger/],
    ['an alias', `x: &i ${old}\n${nested('Deployment', 'template').replace(old, '*i ')}`, {}, /has an alias as image/],
    ['a block of text', 'image:\n  tag: |\n    v1.0.0\n', path, /several lines/],
    ['a number', 'image: { tag: 1.10 }', path, /put it into quotes/],
    ['no such value', 'image: v1.0.0', path, /has no value at image\.tag/],
    ['two such values', 'image: { tag: a }\n---\nimage: { tag: b }', path, /in two documents/],
    ['another image', 'image: { tag: registry.example.org/other:v1 }', path, /has another image at image\.tag/],
    ['a digest that wins', `image: { tag: v1, digest: "${digest('a')}" }`, path, /has a digest beside image\.tag/],
    [
      'a kustomization without it',
      'apiVersion: kustomize.config.k8s.io/v1beta1\nresources: [a]\n',
      {},
      /has no entry under images/,
    ],
    ['an entry without a tag', kustomization.replace(/ {2}newTag: v1.0.0 .*\n/, ''), {}, /has no text as newTag/],
    ['two entries', `${kustomization}- { name: ${repository}, newTag: v2 }\n`, {}, /has two entries/],
  ])('%s', (_, text, more, problem) => {
    const place = { ...owner, ...more }
    expect(imageIn(text, 'f.yaml', place, app)).toEqual({ problem: expect.stringMatching(problem) as string })
    expect(() => withImages(text, 'f.yaml', place, [app])).toThrow(new RegExp(problem.source.replace(/\$$/, '\\.$')))
  })

  test("somebody's other image is a conflict, and says both", () => {
    const text = manifest.replace(`'${old}'`, `'${image('v1.0.5')}'`)
    expect(() => withImages(text, 'f.yaml', owner, [app])).toThrow(
      `Somebody changed f.yaml: ledger of ledger-api has ${image('v1.0.5')} there, expected ${old}.`,
    )
  })

  test('one value can not have two images', () => {
    expect(() => withImages(kustomization, 'f.yaml', owner, [migrate, { ...app, to: old }])).toThrow(/can't give/)
  })
})
