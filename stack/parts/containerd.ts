import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../context'
import { network } from '../network'
import { cniFolder } from '../node/packages'
import { pauseImage, pushPauseImage } from '../node/pause'
import { findProgram, run } from '../run'
import { StackError } from '../types'
import type { Part } from './part'

/** containerd with state of its own, beside any other containerd of the machine. */
export const containerd: Part = {
  name: 'containerd',
  needs: ['registry'],
  tools: ['pause', 'crane'],
  async prepare(context) {
    await pushPauseImage(context)
    const { paths, state } = context
    const registry = `http://127.0.0.1:${state.ports.registry}`
    // The catch-all sends every registry name to the loopback registry: nothing leaves the machine, and an image
    // that isn't there fails at once.
    const hosts = `server = "${registry}"\n[host."${registry}"]\n  capabilities = ["pull", "resolve"]\n`
    for (const folder of ['certs.d/_default', 'cni']) mkdirSync(join(paths.config, folder), { recursive: true })
    mkdirSync(paths.run, { recursive: true })
    writeFileSync(join(paths.config, 'certs.d/_default/hosts.toml'), hosts)
    writeFileSync(join(paths.config, 'cni/10-refit.conflist'), cniConfiguration(context))
    writeFileSync(join(paths.config, 'containerd.toml'), containerdConfiguration(context))
  },
  command: ({ paths }) => ({
    file: program('containerd'),
    args: ['--config', join(paths.config, 'containerd.toml')],
  }),
  healthy: async (context) => {
    await run(program('ctr'), ['--address', socket(context), '--connect-timeout', '2s', 'version'])
  },
  address: (context) => socket(context),
  patience: 30,
  stop: { signal: 'SIGTERM', grace: 5000 },
}

/** Path of containerd's socket. */
export function socket({ paths }: Context): string {
  return join(paths.run, 'containerd.sock')
}

function program(name: string): string {
  const path = findProgram(name)
  if (!path) throw new StackError(`${name} is not on PATH`)
  return path
}

function cniConfiguration({ paths }: Context): string {
  const bridge = {
    type: 'bridge',
    bridge: network.bridge,
    isGateway: true,
    isDefaultGateway: true,
    // Masquerading would leave iptables rules of pods that were killed.
    ipMasq: false,
    hairpinMode: true,
    ipam: { type: 'host-local', dataDir: join(paths.data, 'cni'), ranges: [[{ subnet: network.realPods }]] },
  }
  return JSON.stringify({ cniVersion: '1.0.0', name: 'refit', plugins: [bridge] })
}

function containerdConfiguration(context: Context): string {
  const { paths } = context
  const cri = 'plugins."io.containerd.grpc.v1.cri"'
  const unused = ['aufs', 'btrfs', 'zfs', 'devmapper'].map((name) => `"io.containerd.snapshotter.v1.${name}"`)
  return `version = 2
root = "${join(paths.data, 'containerd')}"
state = "${join(paths.run, 'containerd')}"
oom_score = 0
disabled_plugins = [${unused.join(', ')}]

[grpc]
  address = "${socket(context)}"

[${cri}]
  sandbox_image = "${pauseImage(context)}"
  # Without CAP_SYS_RESOURCE no process may lower its score.
  restrict_oom_score_adj = true
  stream_server_address = "127.0.0.1"
  [${cri}.containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [${cri}.containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [${cri}.containerd.runtimes.runc.options]
        SystemdCgroup = false
        BinaryName = "${program('runc')}"
  [${cri}.cni]
    bin_dir = "${cniFolder()}"
    conf_dir = "${join(paths.config, 'cni')}"
  [${cri}.registry]
    config_path = "${join(paths.config, 'certs.d')}"
`
}
