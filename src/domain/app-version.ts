import { isTag } from './tag'

/**
 * A chart's appVersion as Mojaloop writes it: `central-ledger: v19.7.4; quoting-service: v17.2.0`. Undefined when it is
 * none; a name that stands twice with two tags is a problem.
 */
export function parseAppVersion(text: string): { services: Record<string, string>; problems: string[] } | undefined {
  const parts = text
    .split(/[;\n]/)
    .map((part) => part.trim())
    .filter(Boolean)
  if (parts.length === 0 || !parts.some((part) => part.includes(':'))) return undefined
  const services: Record<string, string> = {}
  const problems: string[] = []
  for (const part of parts) {
    const [, name = '', tag = ''] = /^([a-z0-9][a-z0-9._/-]*)\s*:\s*(\S+)$/i.exec(part) ?? []
    if (!name || !isTag(tag)) problems.push(`appVersion has "${part.slice(0, 80)}", which is no "image: tag"`)
    else if (Object.hasOwn(services, name) && services[name] !== tag)
      problems.push(`appVersion has ${name} twice: ${services[name]} and ${tag}`)
    else services[name] = tag
  }
  return { services, problems }
}
