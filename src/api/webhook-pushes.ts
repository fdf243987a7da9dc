/** What each kind of registry sends when a tag was pushed. Read leniently: only a name is wanted, and it is only looked up. */
import { z } from 'zod'
import type { Webhook } from '../config'

const text = z.string().min(1)

/** An item that doesn't fit is left out, instead of spoiling its neighbours. */
const listOf = <T extends z.ZodType>(item: T) =>
  z.array(z.unknown()).transform((items) =>
    items.flatMap((each) => {
      const parsed = item.safeParse(each)
      return parsed.success ? [parsed.data] : []
    }),
  )

const distribution = z
  .object({
    events: listOf(z.object({ action: z.literal('push'), target: z.object({ repository: text, tag: text }) })),
  })
  .transform(({ events }) => events.map(({ target }) => target.repository))

const dockerhub = z
  .object({ push_data: z.object({ tag: text }), repository: z.object({ repo_name: text }) })
  .transform(({ repository }) => [repository.repo_name])

const harborEvent = z.object({
  resources: listOf(z.object({ tag: text })).refine((resources) => resources.length > 0),
  repository: z.object({ repo_full_name: text }),
})
const harborName = (event: z.output<typeof harborEvent>): string[] => [event.repository.repo_full_name]
/** Its own format, and CloudEvents. */
const harbor = z.union([
  z
    .object({ type: z.literal('PUSH_ARTIFACT'), event_data: harborEvent })
    .transform(({ event_data }) => harborName(event_data)),
  z.object({ type: z.literal('harbor.artifact.pushed'), data: harborEvent }).transform(({ data }) => harborName(data)),
])

const githubPackage = z.object({
  name: text,
  namespace: text,
  package_type: z.string().regex(/^(container|docker)$/i),
  // Layers and attestations of an image are versions without a tag.
  package_version: z.object({ container_metadata: z.object({ tag: z.object({ name: text }) }) }),
})
/** GitHub sends one push as `package` and as `registry_package`, whichever was chosen. */
const ghcr = z
  .union([z.object({ package: githubPackage }), z.object({ registry_package: githubPackage })])
  .transform((event) => ('package' in event ? event.package : event.registry_package))
  .transform(({ namespace, name }) => [`${namespace}/${name}`.toLowerCase()])

const quay = z
  .object({
    repository: text,
    // A list, and in older versions tag: image.
    updated_tags: z
      .union([z.array(text), z.record(z.string(), z.unknown())])
      .refine((tags) => Object.keys(tags).length > 0),
  })
  .transform(({ repository }) => [repository])

const kinds: Readonly<Record<Webhook['kind'], z.ZodType<string[]>>> = { distribution, dockerhub, harbor, ghcr, quay }

/** Names of the repositories that a tag was pushed to; empty for every other event. */
export function pushesOf(kind: Webhook['kind'], body: unknown): string[] {
  const parsed = kinds[kind].safeParse(body)
  return parsed.success ? [...new Set(parsed.data)] : []
}
