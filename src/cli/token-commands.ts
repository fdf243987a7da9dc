import { scopes } from '../domain/people'
import { by, type CommandSpec, tokenFile } from './command-spec'
import { loadCommand } from './lazy'
import { duration, sentence } from './parsers'

const open =
  'Whoever reaches the store may do this: DATABASE_URL is the key to it. With a token of scope admin (REFIT_TOKEN or --token-file) it is known who acts; without one the name given with --by is a claim, recorded as unverified.'

/** The commands about API tokens. */
export const tokenCommands: CommandSpec[] = [
  {
    name: 'token create',
    summary: 'make a token for a person or a program, and show its secret this once',
    details: `NAME is the name of people in refit.yaml, which gives its groups; every vote of the token carries it. viewer reads; approver also requests, approves, rejects, withdraws and snoozes; operator also pauses, resumes and aborts; admin may all. ${open}`,
    args: [['<name>', 'who acts with it, as in people of refit.yaml', sentence]],
    options: [
      { flags: '--scope <scope>', description: 'what it may do', choices: scopes, required: true },
      { flags: '--expires <duration>', description: 'such as 90d; by default never', parse: duration },
      by,
      tokenFile,
    ],
    care: 'ask',
    examples: ['refit token create ana@example.org --scope approver --expires 90d'],
    load: () => loadCommand.token().create,
  },
  {
    name: 'token list',
    summary: 'every token: whose, what it may do, and when it was last used',
    examples: ['refit token list'],
    load: () => loadCommand.token().list,
  },
  {
    name: 'token revoke',
    summary: 'end a token at once',
    details: open,
    args: [['<id>', 'as refit token list shows it', sentence]],
    options: [by, tokenFile],
    care: { final: 'a token that has ended does not come back' },
    examples: ['refit token revoke 3f2a9c01b7de'],
    load: () => loadCommand.token().revoke,
  },
]
