import { loadConfig, schemaJson } from '../../config'
import { approverWarnings } from '../../config/approver-warnings'
import { configWarnings } from '../../config/warnings'
import type { Command } from '../context'
import { safe } from '../render'

/** What `refit config check -o json` prints when all is well; otherwise it is the error. */
export interface ConfigCheck {
  ok: true
  file: string
  hub: { name: string; environment: string }
  policies: { name: string; mode: string }[]
  /** what is right, but probably not meant */
  warnings: string[]
}

/** Says that refit.yaml is right, or names all that is wrong. */
export const check: Command<unknown> = (context, [file = context.configFile]) => {
  const config = loadConfig({ file, env: context.env })
  const { hub, policies } = config
  const found: ConfigCheck = {
    ok: true,
    file,
    hub: { name: hub.name, environment: hub.environment },
    policies: policies.map(({ name, mode }) => ({ name, mode })),
    warnings: [...configWarnings(config, context.io.now().getTime()), ...approverWarnings(config)],
  }
  context.print(found, () => [
    `${file} is fine: hub ${hub.name} (${hub.environment}), policies ${policies.map(({ name, mode }) => `${name} (${mode})`).join(', ')}`,
    ...found.warnings.map((warning) => context.paint('warn', `warning: ${safe(warning)}`)),
    context.paint('dim', 'a worker reads it when it starts: restart it after a change'),
  ])
  return Promise.resolve()
}

/** The schema is JSON whatever the output format. */
export const schema: Command<unknown> = ({ io }) => {
  io.out(schemaJson())
  return Promise.resolve()
}
