/** What somebody may do, from little to much; each includes those before it. */
export const scopes = ['viewer', 'approver', 'operator', 'admin'] as const
export type Scope = (typeof scopes)[number]

/** Whether who may do `has` may do `needs`. */
export const includesScope = (has: Scope, needs: Scope): boolean => scopes.indexOf(has) >= scopes.indexOf(needs)

/** A person as refit.yaml names them. */
export interface KnownPerson {
  readonly name: string
  /** Slack user id */
  readonly slack?: string | undefined
  readonly groups: readonly string[]
}

/** How Refit knows who somebody is; `local` is nobody's word but that of `refit server --insecure-local`. */
export const personVias = ['token', 'oidc', 'slack', 'local'] as const
export type PersonVia = (typeof personVias)[number]

/** Somebody who may ask for something. */
export interface Person {
  name: string
  /** when they were last asked for: of refit.yaml, and of the OIDC provider where that knows the person */
  groups: string[]
  scope: Scope
  via: PersonVia
}

/** What is kept beside the name of whoever acts; undefined where nobody verified the name. */
export const verifiedAs = ({
  groups,
  via,
}: Person): { groups: string[]; via: Exclude<PersonVia, 'local'> } | undefined =>
  via === 'local' ? undefined : { groups, via }

/** The groups that refit.yaml gives to this name; none for a name that it doesn't know. Names are compared as they are. */
export const groupsOf = (people: readonly KnownPerson[], name: string): string[] => [
  ...(people.find((each) => each.name === name)?.groups ?? []),
]

/** Everybody whom the OIDC provider lets in. */
export const anybody = '*'

/** The most that any of these groups may do; undefined when they may do nothing. */
export const scopeOfGroups = (
  byScope: Readonly<Partial<Record<Scope, readonly string[]>>>,
  groups: readonly string[],
): Scope | undefined =>
  scopes.findLast((scope) => byScope[scope]?.some((group) => group === anybody || groups.includes(group)))

/** Who a Slack user is; undefined for a stranger. In Slack people answer, and do nothing else. */
export function personOfSlack(people: readonly KnownPerson[], slackId: string): Person | undefined {
  const known = people.find(({ slack }) => slack !== undefined && slack === slackId)
  return known && { name: known.name, groups: [...known.groups], scope: 'approver', via: 'slack' }
}

/** What of an approval's rules decides who can give it. */
interface Asked {
  readonly required: number
  readonly makerChecker: boolean
  readonly groups: readonly string[]
}

/**
 * How many more verified people an approval needs than there are: 0 when it can be given. `able`: each person once. With
 * makerChecker one requests, who need not be in a group, and others approve.
 */
export function peopleMissing({ required, makerChecker, groups }: Asked, able: readonly KnownPerson[]): number {
  const approvers = able.filter((each) => groups.length === 0 || each.groups.some((group) => groups.includes(group)))
  return Math.max(0, required - approvers.length, makerChecker ? required + 1 - able.length : 0)
}
