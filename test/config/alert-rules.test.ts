import { parseConfig } from '../../src/config'

const base = `hub: { name: h, environment: e }
policies: [{ name: p, select: { namespaces: [a], images: [b] } }]
`
const parse = (alert: string, key = '') =>
  parseConfig({
    text: `${base}alerts: [${alert}]`,
    name: 'refit.yaml',
    env: { K: key, URL: 'http://127.0.0.1/S3CRET' },
  })
const messageOf = (alert: string, key?: string): string => {
  try {
    parse(alert, key)
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('it was accepted')
}
const signed = '{ webhook: "https://a.example", signedWith: "${K}" }'
const whsec = (bytes: number) => `whsec_${Buffer.alloc(bytes, 1).toString('base64')}`

it.each([whsec(24), whsec(25), whsec(26), whsec(64), 'sixteen letters!'])('a key of signatures: %s', (key) => {
  expect(parse(signed, key).alerts[0]).toMatchObject({ signedWith: key })
})

it.each([
  [whsec(23), 'must have the base64 of 24 to 64 bytes after whsec_'],
  [whsec(65), 'must have the base64 of 24 to 64 bytes after whsec_'],
  [`${whsec(24)}=`, 'must have the base64 of 24 to 64 bytes after whsec_'],
  ['whsec_no base64 at all, but long enough', 'must have the base64 of 24 to 64 bytes after whsec_'],
  ['fifteen letters', 'is too short; it needs whsec_ and base64, or at least 16 letters'],
])('no key of signatures: %s', (key, expected) => {
  expect(messageOf(signed, key)).toContain(`alerts[0].signedWith ${expected}`)
  expect(messageOf(signed, key)).not.toContain(key)
})

it.each([
  ['{ slack: "http://localhost:1/a" }', 'alerts[0].slack'],
  ['{ slack: "${URL}" }', 'alerts[0].slack'],
  ['{ webhook: "http://127.0.0.1:1/a" }', 'alerts[0].webhook'],
  ['{ alertmanager: "http://[::1]:9093" }', 'alerts[0].alertmanager'],
  ['{ email: { smtp: "smtp://localhost", from: a@b.c, to: [d@e.f] } }', 'alerts[0].email.smtp'],
])('a target on this machine must be meant: %s', (alert, path) => {
  const message = messageOf(alert, 'k')
  expect(message).toContain(`${path} is on this machine: write allowPrivate: true beside it`)
  expect(message).not.toContain('S3CRET')
  expect(parse(alert.replace(/ }$/, ', allowPrivate: true }'), 'k').alerts).toHaveLength(1)
})

it.each([
  ['smtp: "mail.example.org", from: a@b.c, to: [d@e.f]', 'email.smtp must be a URL such as smtps://'],
  ['smtp: "https://mail.example.org", from: a@b.c, to: [d@e.f]', 'email.smtp must be a URL such as smtps://'],
  ['smtp: "smtps://mail.example.org", from: nobody, to: [d@e.f]', 'email.from must be an e-mail address'],
  ['smtp: "smtps://mail.example.org", from: "A <a@b.c", to: [d@e.f]', 'email.from must be an e-mail address'],
  ['smtp: "smtps://mail.example.org", from: a@b.c, to: ["d@e.f, g@h.i"]', 'email.to[0] must be an e-mail address'],
  ['smtp: "smtps://mail.example.org", from: a@b.c, to: []', 'email.to must name at least one address'],
])('mail: %s', (email, expected) => {
  expect(messageOf(`{ email: { ${email} } }`)).toContain(`alerts[0].${expected}`)
})
