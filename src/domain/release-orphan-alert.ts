import { type Alert, codeBlock, type Hub, hubName, plain } from './alert'

/** The page for a release that lost its workflow. */
export function releaseOrphanAlert(hub: Hub, { id, name, phase }: { id: string; name: string; phase: string }): Alert {
  return {
    key: `release-orphan/${id}`,
    level: 'page',
    hub: hub.name,
    title: `release ${name}: its workflow was ended from outside`,
    text: [
      codeBlock([`refit release status ${name}`]),
      `${hubName(hub)}: the workflow of release *${plain(name)}* was ended from outside in phase ${plain(phase)}. It is held. Upgrades that it began end by themselves, each as it turns out, and nothing is put back for another's sake.`,
    ].join('\n'),
    facts: { release: name, releaseId: id, phase },
  }
}
