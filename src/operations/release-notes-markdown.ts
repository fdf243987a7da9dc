import type { NotedImage, NotedVersion, ReleaseNotes } from './release-notes'

/** What operators have to know first, of all images together; then image by image. */
export function releaseNotesMarkdown({ from, to, images, unchanged }: ReleaseNotes): string {
  const each = (wanted: (version: NotedVersion) => string | undefined): string[] =>
    images.flatMap((image) =>
      image.versions.flatMap((version) => {
        const words = wanted(version)
        return words ? [`${image.image} ${version.tag}: ${words}`] : []
      }),
    )
  const ofKind = (kind: string): string[] =>
    each(({ changes }) => (changes?.change === kind ? (changes.notes ?? 'says no more') : undefined))
  const migrations = each(({ changes }) => (changes?.migrations === 'none' ? undefined : changes?.migrations))
  const todo = each(({ changes }) => changes?.todo)
  return [
    `# ${from} → ${to}`,
    '',
    ...(todo.length > 0 ? section('What to do', todo) : []),
    ...section('Breaking', ofKind('breaking')),
    ...section('Security', ofKind('security')),
    ...section('Data migrations', migrations),
    '## Images',
    '',
    ...images.flatMap(imageLines),
    ...(images.length === 0 ? ['Nothing moves.', ''] : []),
    ...(unchanged.length > 0 ? [`As before: ${unchanged.join(', ')}.`, ''] : []),
  ].join('\n')
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length > 0 ? [`## ${title}`, '', ...lines.map((line) => `- ${line}`), ''] : []

function imageLines({ image, from, to, versions, more, problem }: NotedImage): string[] {
  const title = to === null ? `${image}: removed (was ${from})` : `${image}: ${from ?? 'new'} → ${to}`
  const links = versions[0]?.changes?.compare
  return [
    `### ${title}`,
    '',
    ...(problem === null ? [] : [`Not known: ${problem}`, '']),
    ...versions.map(versionLine),
    ...(more > 0 ? [`- … and ${more} older versions`] : []),
    ...(versions.length > 0 ? [''] : []),
    ...(links ? [`Code: ${links}`, ''] : []),
  ]
}

function versionLine({ tag, changes }: NotedVersion): string {
  const words = [
    changes?.change ? `(${changes.change})` : '',
    changes?.notes ?? changes?.releaseNotes ?? 'its image says nothing of it',
  ]
  return `- ${tag} ${words.filter(Boolean).join(' ')}`
}
