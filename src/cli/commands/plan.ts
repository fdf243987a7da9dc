import { instant } from '../../domain/text'
import type { WindowState } from '../../domain/window'
import { previewPlan, type PlannedPatch, type PlanPreview } from '../../operations/plan'
import type { Command, Context } from '../context'
import { exitCodes } from '../exit-codes'
import { safe, textOf } from '../render'
import { decisionCell } from '../words'

/** Exits 3 when the plan could not run now. */
export const run: Command<{ tag?: string }> = async (context, [name = ''], { tag }) => {
  const { parts, io } = context
  const preview = await context.waitFor('the cluster and the registry', async () => {
    const [config, store, kubernetes, registry] = await Promise.all([
      parts.config(),
      parts.store(),
      parts.kubernetes(),
      parts.registry(),
    ])
    return previewPlan({ config, store, kubernetes, registry, environment: context.env }, { name, tag, now: io.now() })
  })
  context.print(preview, () => linesOf(context, preview))
  return isRefused(preview) ? exitCodes.refused : exitCodes.ok
}

function isRefused(preview: PlanPreview): boolean {
  if (preview.kind === 'planned') return preview.problems.length > 0 || preview.patches.some(({ dryRun }) => !dryRun.ok)
  return preview.kind === 'refused'
}

function linesOf(context: Context, preview: PlanPreview): string[] {
  const { decision, namespace, service } = preview
  const id = `${namespace}/${service}`
  switch (preview.kind) {
    case 'nothing':
      return [
        `${id} ${decision.current}: nothing to plan`,
        safe(`${textOf(decisionCell(decision.kind, ''))}: ${decision.reason}`),
      ]
    case 'refused':
      return [
        context.paint('bad', `no plan for ${id} ${preview.candidate.tag}: ${safe(preview.reason)}`),
        `next: ${preview.next}`,
      ]
    case 'planned':
      return plannedLines(context, preview)
  }
}

function plannedLines({ paint }: Context, preview: Extract<PlanPreview, { kind: 'planned' }>): string[] {
  const { explained, patches, problems, warnings, notOffered, outOfSync, window, planHash, plan } = preview
  return [
    ...explained.map((line) => safe(line)),
    `now: ${windowWords(window)}`,
    ...(notOffered ? [paint('warn', `not offered by itself: ${safe(notOffered)}`)] : []),
    ...(outOfSync ? [paint('warn', safe(outOfSync))] : []),
    '',
    ...patches.flatMap(patchLines),
    '',
    ...problems.map(({ reason, next }) => `${paint('bad', `refused: ${safe(reason)}.`)} ${next}`),
    ...warnings.map((warning) => paint('warn', `warning: ${safe(warning)}`)),
    ...(problems.length === 0 && patches.every(({ dryRun }) => dryRun.ok)
      ? [paint('good', 'preflight: the cluster would take it')]
      : []),
    `plan hash ${paint('strong', planHash)}; nothing was written`,
    ...(plan.policy.mode === 'watch'
      ? [paint('dim', 'the policy only watches: mode approve or automatic lets Refit do this')]
      : []),
  ]
}

function patchLines({ workload, patch, dryRun }: PlannedPatch): string[] {
  const said = dryRun.ok
    ? dryRun.changed
      ? 'the API server accepts it'
      : 'nothing to change'
    : `${dryRun.code}: ${dryRun.problem}${dryRun.next ? ` ${dryRun.next}` : ''}`
  return [`patch of ${workload}, dry run: ${safe(said)}`, ...patch.map((operation) => `  ${JSON.stringify(operation)}`)]
}

function windowWords(window: WindowState): string {
  if (window.kind === 'never') return `never: ${safe(window.because)}`
  if (window.kind === 'closed') return `closed (${window.because}), opens ${instant(window.opensAt)}`
  return window.closesAt === undefined
    ? 'it may start at any time'
    : `a window is open until ${instant(window.closesAt)}`
}
