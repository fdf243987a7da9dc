import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import getPort from 'get-port'
import { prometheusProgram } from '../../scripts/programs'
import { until } from './simulated-hub'

export interface TestPrometheus {
  url: string
  remove(): Promise<void>
}

/** A real Prometheus for one test file, on this machine only, which scrapes `target` (host:port) ten times a second. */
export async function testPrometheus(target: string): Promise<TestPrometheus> {
  const program = prometheusProgram()
  if (!program) throw new Error('prometheus is missing: apt-get install prometheus, or run npm test, which unpacks it')
  const folder = mkdtempSync(join(tmpdir(), 'refit-prometheus-'))
  const config = join(folder, 'prometheus.yml')
  const job = { job_name: 'test', static_configs: [{ targets: [target] }] }
  writeFileSync(
    config,
    JSON.stringify({ global: { scrape_interval: '100ms', scrape_timeout: '100ms' }, scrape_configs: [job] }),
  )
  const port = await getPort({ host: '127.0.0.1' })
  const server = spawn(
    program,
    [`--config.file=${config}`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=127.0.0.1:${port}`],
    { stdio: 'ignore' },
  )
  const url = `http://127.0.0.1:${port}`
  const remove = async (): Promise<void> => {
    const ended = new Promise((resolve) => server.once('exit', resolve))
    if (server.exitCode === null && server.kill('SIGKILL')) await ended
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await until(async () => (await fetch(`${url}/-/ready`).catch(() => undefined))?.ok, 30_000)
  } catch (error) {
    await remove()
    throw error
  }
  return { url, remove }
}
