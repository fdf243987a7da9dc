/** Fills `$namespace`, `$service` and `$pods` of a PromQL query: the last one a regular expression of whole names. */
export function filledQuery(
  query: string,
  { namespace, name, pods }: { namespace: string; name: string; pods: readonly string[] },
): string {
  const values: Record<string, string> = {
    namespace,
    service: name,
    // Names of pods are letters, digits, hyphens and dots; an empty expression would match series without a pod.
    pods: pods.length > 0 ? pods.map((each) => each.replaceAll('.', '[.]')).join('|') : 'none',
  }
  return query.replace(/\$(namespace|service|pods)\b/g, (whole, key: string) => values[key] ?? whole)
}

/** Whether a query is about the new pods alone. */
export const namesPods = (query: string): boolean => /\$pods\b/.test(query)
