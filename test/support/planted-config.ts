import { plant, type Planted } from './planted'

/** Every place that holds a secret. More are added when they are made: tokens, logins, passwords of the stack. */
export const planted: Planted = {
  'registry password': plant(),
  'database URL of a service': plant(),
  'path of the Slack webhook': plant(),
  'key of the alert webhook': plant(),
  'password of the mail server': plant(),
  'heartbeat URL': plant(),
  'secret of a registry webhook': plant(),
  'client secret of OIDC': plant(),
  'token of another hub': plant(),
  'token of Git': plant(),
  'wrong API token': `rft_${Buffer.from(plant() + plant())
    .toString('base64url')
    .slice(0, 43)}`,
  'variable of a container': plant(),
  'Secret of a service': plant(),
  'error text of a migration': plant(),
  'password of the store': plant(),
  'wrong password of the store': plant(),
}
export const secret = (place: string): string => planted[place] ?? ''
planted['encryption key'] = Buffer.from(plant() + plant())
  .subarray(0, 32)
  .toString('base64')

/** What rights in the cluster follow from; `directory` has the migrations. */
export const policiesOf = (git: string, directory: string): string => `hub: { name: test-hub, environment: test }
scan: { every: 1s }
policies:
  - name: migrated
    select: { namespaces: [good, bad], images: ['*/hub/*'] }
    mode: approve
    strategy: minor
    approval: { required: 1, unverified: accept, expires: 1h }
    prerelease: never-ready
    migrations: [{ kind: knex, directory: ${directory}, database: "\${LEDGER_URL}" }]
    rollout: { bake: 1s, stall: 4s, deadline: 1m, maxUnavailable: 1 }
  - name: sick
    select: { namespaces: [sick], images: ['*/hub/*'] }
    mode: automatic
    strategy: minor
    prerelease: never-ready
    rollout: { bake: 1s, stall: 4s, deadline: 1m, maxUnavailable: 1 }
  - name: committed
    select: { namespaces: [committed], images: ['*/hub/*'] }
    mode: automatic
    strategy: minor
    gitops: { repository: "${git}", file: "{namespace}.yaml", user: robot, token: "\${GIT_TOKEN}", syncWithin: 2s }
`

/** refit.yaml with all of them. */
export const configOf = (policies: string, receiver: string): string => `${policies}
registries: [{ host: "\${REGISTRY}", insecure: true, auth: { env: { username: robot, password: "\${REGISTRY_PASSWORD}" } } }]
hubs: [{ name: staging, url: "http://127.0.0.1:9", token: "\${STAGING_TOKEN}" }]
alerts:
  - { slack: "\${SLACK_URL}", on: [info, action, page], allowPrivate: true }
  - { webhook: "${receiver}/hook", signedWith: "\${ALERT_KEY}", on: [info, action, page], allowPrivate: true }
  - email: { smtp: "\${SMTP_URL}", from: refit@example.org, to: [ops@example.org] }
    on: [info, action, page]
    allowPrivate: true
heartbeat: "\${HEARTBEAT_URL}"
webhooks: [{ kind: distribution, secret: "\${HOOK_SECRET}" }]
server:
  url: http://127.0.0.1:9999
  oidc:
    issuer: http://127.0.0.1:9/realm
    clientId: refit
    clientSecret: "\${OIDC_SECRET}"
    scopes: { viewer: ['*'] }
`
