const timeoutMs = 10_000

/**
 * GETs the URL once, so that who watches it learns that a scan was complete. Undefined when it answered 2xx, else why not:
 * never with the URL, because whoever has it can keep the watcher quiet. Redirects are not followed. Never throws.
 */
export async function callHeartbeat(url: string, withinMs = timeoutMs): Promise<string | undefined> {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), withinMs)
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { 'user-agent': 'refit' },
      signal: controller.signal,
    })
    await response.body?.cancel()
    if (response.ok) return undefined
    return response.status >= 300 && response.status < 400
      ? `it answered with a redirect (${response.status}), which is not followed`
      : `it answered ${response.status}`
  } catch (error) {
    if (controller.signal.aborted) return `no answer within ${withinMs / 1_000} s`
    return (error as { cause?: { code?: string } }).cause?.code ?? 'the connection failed'
  } finally {
    clearTimeout(timer)
  }
}
