import { type AttemptFacts, judgeAttempt } from '../../../src/domain/migrations/attempt'

const facts = (more: Partial<AttemptFacts>): AttemptFacts => ({
  ...{ phase: 'expand', now: 'before', before: ['before'], after: 'after' },
  ...{ wrote: false, mayWriteRows: false, isRepeatable: false },
  ...more,
})

test.each<[string, Partial<AttemptFacts>, string]>([
  ['the schema is as before', {}, 'again'],
  ['as before at the rehearsal', { now: 'rehearsed', before: ['before', 'rehearsed'] }, 'again'],
  ['as after it', { now: 'after' }, 'applied'],
  ['as after it, without a rehearsal', { now: 'after', after: undefined }, 'dirty'],
  ['between', { now: 'between' }, 'dirty'],
  ['between, and the file can be run again', { now: 'between', isRepeatable: true }, 'again'],
  ['as before, and rows may have been changed', { wrote: true }, 'dirty'],
  ['as before, and rows of a backfill were changed', { wrote: true, phase: 'backfill' }, 'again'],
  ['as after it, but its rows may be missing', { now: 'after', mayWriteRows: true }, 'dirty'],
  ['the same before and after, nothing was written', { after: 'before' }, 'again'],
])('%s', (_name, more, verdict) => expect(judgeAttempt(facts(more))).toBe(verdict))
