import { spawn } from 'node:child_process'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface GitHttp {
  url: string
  /** Authorization headers that came, as they were */
  authorizations: (string | undefined)[]
  /** what is answered instead, while it is set */
  answer: { status: number; location?: string } | undefined
  close(): Promise<void>
}

/** Git's own HTTP server program over one bare repository, behind basic authentication where `login` (user:password) is given. */
export async function startGitHttp(path: string, login?: string): Promise<GitHttp> {
  const server = createServer((request, response) => {
    const { authorization } = request.headers
    http.authorizations.push(authorization)
    const { status, location } = http.answer ?? { status: 200 }
    if (status !== 200) return void response.writeHead(status, location ? { location } : {}).end()
    if (login !== undefined && authorization !== `Basic ${Buffer.from(login).toString('base64')}`)
      return void response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()
    serve(path, request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const http: GitHttp = {
    url: `http://127.0.0.1:${port}/deploy.git`,
    authorizations: [],
    answer: undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return http
}

/** `git http-backend` as a CGI program. */
function serve(path: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? '', 'http://x')
  const child = spawn('git', ['-c', 'http.receivepack=true', '-c', 'safe.directory=*', 'http-backend'], {
    env: {
      PATH: process.env.PATH,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_PROJECT_ROOT: path.replace(/\/deploy\.git$/, ''),
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      CONTENT_LENGTH: request.headers['content-length'],
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'],
      GIT_PROTOCOL: request.headers['git-protocol'] as string | undefined,
      REMOTE_ADDR: '127.0.0.1',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  request.pipe(child.stdin)
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.once('close', () => {
    const all = Buffer.concat(chunks)
    const end = all.indexOf('\r\n\r\n')
    const headers = all
      .subarray(0, end)
      .toString()
      .split('\r\n')
      .map((line) => line.split(/: ?(.*)/, 2) as [string, string])
    const status = headers.find(([name]) => name === 'Status')?.[1]
    for (const [name, value] of headers) if (name !== 'Status' && name !== '') response.setHeader(name, value)
    response.writeHead(status === undefined ? 200 : Number.parseInt(status)).end(all.subarray(end + 4))
  })
}
