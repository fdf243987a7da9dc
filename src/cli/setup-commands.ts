import { by, type CommandSpec, server, tokenFile } from './command-spec'
import { loadCommand } from './lazy'
import { sentence, shell } from './parsers'

const uninstallClaim =
  'With a token of scope admin it is known who acts; without one the name given with --by is a claim, recorded as unverified.'

/** The commands of who sets Refit up, and of the shell. */
export const setupCommands: CommandSpec[] = [
  {
    name: 'config check',
    summary: 'check refit.yaml and name every bad value at once; exit 2 when there is one',
    args: [['[file]', 'by default the one of --config']],
    examples: ['refit config check', 'refit config check deploy/refit.yaml'],
    load: () => loadCommand.config().check,
  },
  {
    name: 'config schema',
    summary: 'print the JSON Schema of refit.yaml, for editors',
    examples: ['refit config schema > refit.schema.json'],
    load: () => loadCommand.config().schema,
  },
  {
    name: 'webhooks',
    summary: 'the path of the HTTP server to give to each registry of webhooks in refit.yaml',
    details:
      'A path has a key that is derived from the secret: whoever has it may ask for scans. The secret is not shown.',
    examples: ['refit webhooks', 'refit webhooks -o json'],
    load: () => loadCommand.webhooks().run,
  },
  {
    name: 'doctor',
    summary: 'check everything that Refit needs, each with the next step; exit 1 when something is missing',
    options: [
      { flags: '--dev', description: 'also what the workflow tests need (on by default when run from the sources)' },
    ],
    examples: ['refit doctor'],
    load: () => loadCommand.doctor().run,
  },
  {
    name: 'store migrate',
    summary: 'bring the tables of Refit itself to this version; a worker does it when it starts, too',
    details:
      'For a job before workers are replaced. It may run again, and beside others: one waits for the other. An older build refuses tables that are newer.',
    care: 'say',
    examples: ['refit store migrate'],
    load: () => loadCommand.store().migrate,
  },
  {
    name: 'uninstall',
    summary: 'remove the Schedules of Refit, and list what remains of it and where',
    details: `Refused while an upgrade, a data workflow or a release is open, or a held one is not resolved. Stop the workers afterwards: one that starts anew makes the Schedules again. No data is removed. ${uninstallClaim}`,
    options: [{ flags: '--dry-run', description: 'only show what it would do' }, by, tokenFile],
    care: 'ask',
    examples: ['refit uninstall --dry-run', 'refit uninstall', 'refit uninstall --yes -o json'],
    load: () => loadCommand.uninstall().run,
  },
  {
    name: 'permissions',
    summary:
      'what a platform team is asked for, from refit.yaml: RBAC, database grants, registries, ways out, Temporal',
    details:
      'Nothing is asked of anything, and no secret is shown. With -o yaml it prints service accounts, Roles and bindings, ready to apply; -o json has everything. docs/permissions.md says what each right is for.',
    options: [
      { flags: '--namespace <name>', description: 'where Refit runs', parse: sentence, default: 'refit' },
      {
        flags: '--service-account <name>',
        description: "of the worker; the server's ends in -server",
        parse: sentence,
        default: 'refit',
      },
      {
        flags: '--pull-secret <name...>',
        description: 'Secrets that the workloads name in imagePullSecrets, for registries with that auth',
      },
      {
        flags: '--server-looks',
        description: 'the server may look into the hub, too, for rollback and resolve over HTTP',
      },
      { flags: '--cluster-wide', description: 'the optional rights on nodes and pods of all namespaces, too' },
    ],
    examples: ['refit permissions', 'refit permissions -o yaml | kubectl apply -f -', 'refit permissions -o json'],
    load: () => loadCommand.permissions().run,
  },
  {
    name: 'hubs',
    summary: 'the hubs that --hub knows, of ~/.config/refit/hubs.yaml',
    examples: ['refit hubs', 'refit --hub green-hub status'],
    load: () => loadCommand.hubs().run,
  },
  {
    name: 'completion',
    summary: 'print the script by which a shell completes commands, options and names of services',
    details:
      'bash: put eval "$(refit completion bash)" into ~/.bashrc. zsh: write it to a file _refit in a folder of $fpath. fish: write it to ~/.config/fish/completions/refit.fish.',
    args: [['<shell>', 'bash, zsh or fish', shell]],
    examples: ['refit completion bash', 'refit completion fish > ~/.config/fish/completions/refit.fish'],
    load: () => loadCommand.completion().run,
  },
  {
    name: '__names',
    summary: 'names, for completion scripts',
    args: [['<kind>', 'services, upgrades, targets or hubs']],
    options: [tokenFile, server],
    examples: ['refit __names services'],
    hidden: true,
    load: () => loadCommand.completion().names,
  },
]
