/** What is versioned on its own: Refit, and each service of the sample hub. */
export interface Component {
  name: string
  /** of its tags in Git; the image's tag is what follows, with a v */
  tagPrefix: string
  /** without a registry */
  image: string
  dockerfile: string
  /** a commit belongs to a release of it when it touches one of these */
  paths: readonly string[]
  /** the folder of its data migrations */
  migrations?: string
}

const service = (name: string, more: Partial<Component> = {}): Component => ({
  name,
  tagPrefix: `${name}/v`,
  image: `hub/${name}`,
  dockerfile: 'examples/hub/Dockerfile',
  paths: [`examples/hub/services/${name}`, 'examples/hub/services/shared', 'examples/hub/image'],
  ...more,
})

export const components: readonly Component[] = [
  {
    name: 'refit',
    tagPrefix: 'v',
    image: 'refit',
    dockerfile: 'Dockerfile',
    paths: [
      'src',
      'web',
      'migrations',
      'deploy',
      'scripts/bundle-workflows.ts',
      'package.json',
      'package-lock.json',
      'Dockerfile',
    ],
    migrations: 'migrations',
  },
  service('ledger', { migrations: 'examples/hub/services/ledger/migrations' }),
  service('quoting'),
  service('settlement'),
]

/** The component of this name; throws with the known ones. */
export function componentOf(name: string): Component {
  const found = components.find((each) => each.name === name)
  if (!found) throw new Error(`no component ${name}; known: ${components.map((each) => each.name).join(', ')}`)
  return found
}

/** The component that a tag in Git is a release of, and the version; throws for a tag of none. */
export function releaseOfTag(tag: string): { component: Component; version: string } {
  const component = components.find(
    ({ tagPrefix }) => tag.startsWith(tagPrefix) && /^\d/.test(tag.slice(tagPrefix.length)),
  )
  if (!component) throw new Error(`${tag} is no tag of a release; they look like v1.2.3 or ledger/v1.2.3`)
  return { component, version: tag.slice(component.tagPrefix.length) }
}

/** `release/v1.2`, `release/ledger/v1.2`: where patches of a line are made. */
export const lineBranch = ({ tagPrefix }: Component, line: string): string => `release/${tagPrefix}${line}`
