import { answer, startHttpServer } from './http-server'

/** A span as OTLP over HTTP carries it in JSON. */
export interface ToldSpan {
  process: string
  name: string
  traceId: string
  spanId: string
  parentSpanId?: string
  links: string[]
  failed: boolean
  attributes: Record<string, unknown>
}

interface Attribute {
  key: string
  value: Record<string, unknown>
}

interface OtlpSpan extends Omit<ToldSpan, 'attributes' | 'links' | 'process' | 'failed'> {
  attributes?: Attribute[]
  links?: { spanId: string }[]
  status?: { code?: number }
}

interface Body {
  resourceSpans: { resource: { attributes: Attribute[] }; scopeSpans: { spans: OtlpSpan[] }[] }[]
}

export interface Collector {
  url: string
  spans(): ToldSpan[]
  /** all that came, as it came */
  text(): string
  close(): Promise<void>
}

/** Stands in for an OpenTelemetry collector. */
export async function startCollector(): Promise<Collector> {
  const server = await startHttpServer()
  server.answerByDefault(answer(200, '{}', { 'content-type': 'application/json' }))
  const attributesOf = (attributes: Attribute[] = []) =>
    Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
  return {
    url: server.url,
    text: () => server.received.map(({ body }) => body).join('\n'),
    spans: () =>
      server.received
        .filter(({ path }) => path === '/v1/traces')
        .flatMap(({ body }) => (JSON.parse(body) as Body).resourceSpans)
        .flatMap(({ resource, scopeSpans }) =>
          scopeSpans.flatMap(({ spans }) =>
            spans.map(({ attributes, links = [], status, name, traceId, spanId, parentSpanId }) => ({
              ...{ name, traceId, spanId, ...(parentSpanId ? { parentSpanId } : {}) },
              process: String(attributesOf(resource.attributes)['service.name']),
              links: links.map((link) => link.spanId),
              failed: status?.code === 2,
              attributes: attributesOf(attributes),
            })),
          ),
        ),
    close: () => server.close(),
  }
}
