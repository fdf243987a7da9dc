import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expectOk } from '../http'
import type { Part } from './part'

/** etcd without fsync: it survives the kill of its process, and nobody expects more of a local stack. */
export const etcd: Part = {
  name: 'etcd',
  needs: [],
  tools: ['etcd'],
  prepare({ paths }) {
    mkdirSync(join(paths.data, 'etcd'), { recursive: true, mode: 0o700 })
  },
  command: ({ state: { ports }, paths, bin }) => {
    const client = `http://127.0.0.1:${ports.etcd}`
    const peer = `http://127.0.0.1:${ports.etcdPeer}`
    return {
      file: bin('etcd'),
      args: [
        '--name=refit',
        `--data-dir=${join(paths.data, 'etcd')}`,
        `--listen-client-urls=${client}`,
        `--advertise-client-urls=${client}`,
        `--listen-peer-urls=${peer}`,
        `--initial-advertise-peer-urls=${peer}`,
        `--initial-cluster=refit=${peer}`,
        '--unsafe-no-fsync',
        '--quota-backend-bytes=4294967296',
        '--auto-compaction-mode=periodic',
        '--auto-compaction-retention=10m',
        '--log-level=warn',
      ],
    }
  },
  healthy: ({ state: { ports } }) => expectOk(`http://127.0.0.1:${ports.etcd}/health`),
  address: ({ state: { ports } }) => `127.0.0.1:${ports.etcd}`,
  patience: 60,
  stop: { signal: 'SIGTERM', grace: 5000 },
}
