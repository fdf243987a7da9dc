import { parseConfig } from '../../src/config'

const policyWith = (migration: string) =>
  parseConfig({
    name: 'refit.yaml',
    env: { COPY_URL: 'postgres://copy' },
    text: `hub: { name: green-hub, environment: test }
policies: [{ name: x, select: { namespaces: [hub], images: ["*"] }, migrations: [${migration}] }]
`,
  }).policies[0]?.migrations[0]

test('a job names its copy, the variable of its image, its start-up and what a person takes upon them', () => {
  expect(
    policyWith(
      '{ kind: job, command: [migrate], startUp: true, overrides: [tightens], rehearse: { copy: "${COPY_URL}", env: DATABASE_URL } }',
    ),
  ).toMatchObject({ startUp: true, overrides: ['tightens'], rehearse: { copy: 'COPY_URL', env: 'DATABASE_URL' } })
})

test.each([
  ['rehearse: { copy: "${COPY_URL}" }', /env/],
  ['rehearse: { copy: "${COPY_URL}", env: "a b" }', /must be the name of an environment variable/],
  ['startUp: yes please', /must be true or false/],
])('refused: %s', (keys, problem) => {
  expect(() => policyWith(`{ kind: job, command: [migrate], ${keys} }`)).toThrow(problem)
})
