import { by, type CommandSpec } from './command-spec'
import { loadCommand } from './lazy'
import { anchor, auditPosition, limit, sentence } from './parsers'

/** The commands about who is logged in, and about the record of what people did. */
export const auditCommands: CommandSpec[] = [
  {
    name: 'session list',
    summary: 'who is logged in to the page, how, since when and how long at most',
    examples: ['refit session list'],
    load: () => loadCommand.session().list,
  },
  {
    name: 'session end',
    summary: 'log somebody out of the page everywhere, at once',
    details: 'Whether they may log in again is a matter of their tokens (refit token revoke) and of the OIDC provider.',
    args: [['<name>', 'as refit session list shows it', sentence]],
    options: [by],
    care: 'ask',
    examples: ['refit session end ana@example.org'],
    load: () => loadCommand.session().end,
  },
  {
    name: 'audit list',
    summary: 'who did what, newest first: votes, freezes, tokens, logins and all else that people do',
    options: [
      { flags: '--limit <n>', description: 'how many', parse: limit, default: 20 },
      { flags: '--before <position>', description: 'only earlier ones', parse: auditPosition },
    ],
    examples: ['refit audit list', 'refit audit list --limit 100 -o json'],
    load: () => loadCommand.audit().list,
  },
  {
    name: 'audit verify',
    summary: 'check that nobody changed the record; exit 1 and the first broken row when somebody did',
    details:
      'Computes every hash anew. What was cut off at the end is found by --anchor only: a head that an earlier run printed and that was kept elsewhere.',
    options: [{ flags: '--anchor <head>', description: 'as an earlier run printed it', parse: anchor }],
    examples: ['refit audit verify', 'refit audit verify --anchor 4711:3f2a9c01b7de'],
    load: () => loadCommand.audit().verify,
  },
]
