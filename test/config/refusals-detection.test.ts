import { messageOf, policy } from './support'

it.each<[string, string, string]>([
  [
    'a filter',
    policy('    strategy: { filter: "^b-(", order: numerical }'),
    '5:17 policies[0].strategy.filter is no regular expression of RE2: missing closing )',
  ],
  [
    'a filter that takes too long elsewhere',
    policy('    strategy: { filter: "(a{1000}){1000}", order: alphabetical }'),
    'policies[0].strategy.filter is no regular expression of RE2: invalid repeat count',
  ],
  [
    'a group that the filter does not have',
    policy('    strategy: { filter: "^b-(.)", extract: "$ts", order: numerical }'),
    "5:35 policies[0].strategy.extract names the group ts, which the filter doesn't have",
  ],
  [
    'an extract without a group',
    policy('    strategy: { filter: "^b-(.)", extract: "ts", order: numerical }'),
    'policies[0].strategy.extract names no group of the filter',
  ],
  [
    'an extract with a lone $',
    policy('    strategy: { filter: "^b-(.)", extract: "$1$", order: numerical }'),
    'policies[0].strategy.extract has a $ without a name',
  ],
  [
    'an order',
    policy('    strategy: { filter: b, order: newest }'),
    'policies[0].strategy.order must be semver, numerical, calver or alphabetical; it is "newest"',
  ],
  ['a filter without an order', policy('    strategy: { filter: b }'), 'policies[0].strategy.order is missing'],
  [
    'a key of a strategy',
    policy('    strategy: { filtre: b }'),
    'policies[0].strategy.filtre is not a known key; did you mean filter?',
  ],
  [
    'a range and a filter',
    policy('    strategy: { range: "^1", filter: b, order: semver }'),
    'policies[0].strategy has both a range and a filter',
  ],
  [
    'strategy release without a bill of materials',
    policy('    strategy: release'),
    'policies[0].strategy needs billOfMaterials',
  ],
  [
    'a supported release without one',
    `${policy()}supported: [{ release: 17.x, until: 2027-06-30 }]`,
    'supported[0].release needs billOfMaterials',
  ],
  [
    'a supported release that is no range',
    `${policy()}supported: [{ release: "^17", until: 2027-06-30 }]`,
    'supported[0].release must be a range of hub releases, such as 17.x',
  ],
  [
    'a day of a supported line',
    `${policy()}supported: [{ images: [a], line: 19.x, until: 2027-06-31 }]`,
    '5:40 supported[0].until must be a day',
  ],
  [
    'a supported line of neither kind',
    `${policy()}supported: [{ until: 2027-06-30 }]`,
    'supported[0] must be { release, until } or { images, line, until }',
  ],
  [
    'a bill of materials that is not there',
    `${policy()}billOfMaterials: nowhere.json`,
    "nowhere.json can't be read (ENOENT)",
  ],
  [
    'a longest hold that is too short',
    policy('    settle: { for: 72h, atMost: 1d }'),
    'policies[0].settle.atMost must be at least as long as for (72h)',
  ],
  ['hot-fixes', policy('    hotfixes: some'), 'policies[0].hotfixes must be ignore or accept'],
  ['an age', policy('    minimumAge: old'), 'policies[0].minimumAge must be a duration'],
])('a bad refit.yaml says what is wrong with %s', (_, text, expected) => expect(messageOf(text)).toContain(expected))
