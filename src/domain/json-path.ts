/** `$.a.b`, `$.list[0].name`: what may stand in refit.yaml. */
export const jsonPath = /^\$(?:\.[A-Za-z_][\w-]*|\[\d{1,4}\])+$/

/** What stands at a path of a JSON value; undefined where nothing does. */
export function valueAt(value: unknown, path: string): unknown {
  const steps = [...path.matchAll(/\.([^.[\]]+)|\[(\d+)\]/g)].map(([, key, index]) => key ?? index ?? '')
  return steps.reduce<unknown>(
    (at, step) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, step)
        ? (at as Record<string, unknown>)[step]
        : undefined,
    value,
  )
}
