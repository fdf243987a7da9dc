import { policyFor, schemaJson } from '../../src/config'
import { hub, parse } from './support'

describe('policyFor', () => {
  const config = parse(`${hub}policies:
  - { name: ledger, select: { namespaces: [hub], images: ["*/hub/ledger"] } }
  - { name: bare, select: { namespaces: ["pay-*"], images: ["hub/*"] } }
  - { name: rest, select: { namespaces: [hub], images: ["*/hub/*"] } }
  - { name: deep, select: { namespaces: [deep], images: ["**"] } }`)

  it.each([
    ['hub', '127.0.0.1:5000/hub/ledger', 'ledger'],
    ['hub', '127.0.0.1:5000/hub/quoting', 'rest'],
    ['pay-a', 'registry.example.org/hub/quoting', 'bare'],
    ['pay-a', 'hub/quoting', 'bare'],
    ['hub', 'hub/quoting', undefined],
    ['hub', 'registry.example.org/other/quoting', undefined],
    ['other', '127.0.0.1:5000/hub/ledger', undefined],
    ['deep', 'a.example/b/c/d', 'deep'],
  ])('in %s, %s: %s', (namespace, repository, expected) => {
    expect(policyFor(config, namespace, repository)?.name).toBe(expected)
  })
})

it('has a JSON Schema of the file as it is written', () => {
  const schema = JSON.parse(schemaJson()) as {
    properties: Record<string, { properties?: object }>
    required: string[]
    additionalProperties: boolean
  }
  expect(schema.required).toEqual(['hub', 'policies'])
  expect(schema.additionalProperties).toBe(false)
  expect(JSON.stringify(schema)).toContain('"helmDrift"')
})
