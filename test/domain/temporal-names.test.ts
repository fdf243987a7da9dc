import { signalCommand, upgradeWorkflowId } from '../../src/domain/temporal-names'

const signal = (temporalNamespace: string, input: object = { by: 'ana' }) =>
  signalCommand({ temporalNamespace, workflowId: upgradeWorkflowId('hub', 'ledger'), name: 'abort', input })

test('a command names the hub’s Temporal namespace', () => {
  expect(signal('green')).toBe(
    `temporal workflow signal --namespace 'green' -w refit/upgrade/hub/ledger --name abort --input '{"by":"ana"}'`,
  )
})

test('namespace default is the one that the CLI asks anyway', () => {
  expect(signal('default')).toBe(
    `temporal workflow signal -w refit/upgrade/hub/ledger --name abort --input '{"by":"ana"}'`,
  )
})

test('a quote in a name ends no argument', () =>
  expect(signal('default', { by: "o'neil" })).toMatch(/--input '\{"by":"o'\\''neil"\}'$/))
