import { candidate, decision, scan, service, workload } from './alerts-support'

describe("ml-operator's words", () => {
  const services = [
    service('account-lookup-service', [workload('account-lookup-service', 'mojaloop/account-lookup-service:v1.0.0')]),
    service('central-ledger', [
      workload('cl', 'docker.io/mojaloop/central-ledger:v1.0.0@sha256:abc', {
        containers: [
          { name: 'cl', init: false, image: 'mojaloop/central-ledger:v1.0.0' },
          { name: 'run-migration', init: true, image: 'mojaloop/central-ledger:v1.0.0' },
        ],
      }),
    ]),
  ]

  it('are those that it always used', () => {
    expect(scan([decision('x')])[0]?.mlOperatorText).toBe('*ml-operator* - all monitored services are up to date')
    const [alert] = scan([candidate('account-lookup-service'), candidate('central-ledger')], { services })
    expect(alert?.mlOperatorText)
      .toBe(`*ml-operator* - The following services are not on the latest secure version and should be updated:
  - \`mojaloop/account-lookup-service\`: latest version is \`v1.0.1\`
  - \`mojaloop/central-ledger\`: latest version is \`v1.0.1\`
Use the following commands to patch your deployments with \`kubectl\`:
\`\`\`
kubectl patch deployment account-lookup-service --namespace hub --patch '{"spec": {"template": {"spec": {"containers": [{"name":"account-lookup-service","image":"mojaloop/account-lookup-service:v1.0.1"}]}}}}'
kubectl patch deployment cl --namespace hub --patch '{"spec": {"template": {"spec": {"containers": [{"name":"cl","image":"mojaloop/central-ledger:v1.0.1"}], "initContainers": [{"name":"run-migration","image":"mojaloop/central-ledger:v1.0.1"}]}}}}'
\`\`\``)
  })

  it('warn of what could not be read, with or without candidates', () => {
    const bad = decision('quoting', { kind: 'registry-error', reason: 'away' })
    const warning = '**warning:** encountered 1 processing errors. Please check your logs for more information.'
    const [withCandidate, silent] = scan([candidate('account-lookup-service'), bad], { services, complete: false })
    expect(withCandidate?.mlOperatorText?.endsWith(`\n\`\`\`\n${warning}`)).toBe(true)
    expect(silent?.mlOperatorText).toBeUndefined()
    expect(scan([bad], { complete: false })[0]?.mlOperatorText).toBe(warning)
  })

  it('say why in place of a command that would do harm', () => {
    const migrating = {
      supported: [],
      policies: [{ name: 'core', migrations: [{ kind: 'job' as const, command: ['m'], deadlineMs: 1 }] }],
    }
    const [alert] = scan([candidate('central-ledger')], { services, config: migrating })
    expect(alert?.mlOperatorText).toContain('# hub/central-ledger: has data migrations that belong to the new version')
    expect(alert?.mlOperatorText).not.toContain('kubectl patch')

    const owned = [
      service('central-ledger', [
        workload('cl', 'mojaloop/central-ledger:v1.0.0', { owner: { tool: 'argocd', name: 'moja' } }),
      ]),
    ]
    const [held] = scan([candidate('central-ledger', { kind: 'held', reason: 'owned by argocd moja' })], {
      services: owned,
    })
    expect(held?.mlOperatorText).toContain(
      '# hub/central-ledger: owned by argocd moja, which would set a patch back; change the tag there',
    )
    expect(held?.text).toContain('v1.0.0 → v1.0.1 is held: owned by argocd moja.')
  })
})
