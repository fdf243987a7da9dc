import { type Diagnosis, diagnosisWords } from '../domain/diagnosis'
import { heldAdvice } from '../domain/held'
import { instant } from '../domain/text'
import type { UpgradeRow } from '../store/contracts'
import type { Context } from './context'
import { safe } from './render'

/** What was seen of a failure, with the last lines of its pods. */
export function diagnosisLines(context: Context, diagnosis: Diagnosis): string[] {
  const { phase, kind, sentence, at, pods } = diagnosis
  return [
    context.paint(
      'strong',
      safe(`why it ${kind === 'failed' ? 'failed' : 'is held'} in ${phase}, ${instant(new Date(at))}: ${sentence}`),
    ),
    ...diagnosisWords(diagnosis).map((line) => `  ${safe(line)}`),
    ...pods.flatMap(({ pod, container, log }) =>
      log.length > 0
        ? [`  last lines of ${safe(pod)}, ${safe(container)}:`, ...log.map((line) => `    ${safe(line)}`)]
        : [],
    ),
  ]
}

/** What a person can do about a held upgrade. */
export function heldLines({ namespace, service, id, heldReason }: UpgradeRow): string[] {
  const { commands, page } = heldAdvice({ namespace, service, id, reason: heldReason })
  return [`next, by ${page}:`, ...commands.map((command) => `  ${command}`)]
}
