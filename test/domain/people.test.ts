import { groupsOf, includesScope, peopleMissing, personOfSlack, scopes } from '../../src/domain/people'

const people = [
  { name: 'ana', slack: 'U1', groups: ['tech-ops', 'emergency'] },
  { name: 'ben', groups: ['tech-ops'] },
  { name: 'cleo', slack: 'U3', groups: [] },
]

test('groups are those of the very name', () => {
  expect(groupsOf(people, 'ana')).toEqual(['tech-ops', 'emergency'])
  expect(groupsOf(people, 'Ana')).toEqual([])
  expect(groupsOf(people, 'nobody')).toEqual([])
})

test('a Slack user is who refit.yaml says, and may answer', () => {
  expect(personOfSlack(people, 'U1')).toEqual({
    ...{ name: 'ana', groups: ['tech-ops', 'emergency'] },
    ...{ scope: 'approver', via: 'slack' },
  })
  for (const id of ['U2', 'u1', '']) expect(personOfSlack(people, id)).toBeUndefined()
  expect(personOfSlack([{ name: 'dan', slack: undefined, groups: [] }], undefined as unknown as string)).toBeUndefined()
})

test('each scope includes those before it', () => {
  for (const [i, has] of scopes.entries())
    for (const [j, needs] of scopes.entries()) expect(includesScope(has, needs)).toBe(i >= j)
})

describe('how many people an approval lacks', () => {
  const rules = { required: 1, makerChecker: false, groups: [] as string[] }
  test.each([
    ['one of three', rules, 0],
    ['nobody asked', { ...rules, required: 0 }, 0],
    ['four of three', { ...rules, required: 4 }, 1],
    ['two of a group of two', { ...rules, required: 2, groups: ['tech-ops'] }, 0],
    ['two of a group of one', { ...rules, required: 2, groups: ['emergency'] }, 1],
    ['three and a requester', { ...rules, required: 3, makerChecker: true }, 1],
    ['two of a group, requested by whoever is not in it', { required: 2, makerChecker: true, groups: ['tech-ops'] }, 0],
  ])('%s', (_name, asked, missing) => {
    expect(peopleMissing(asked, people)).toBe(missing)
  })
})
