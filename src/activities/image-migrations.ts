import type { ReadOptions, Registry } from '../clients/contracts'
import type { ImageFile, ImageFiles } from '../clients/registry/image-files'
import { RefitError } from '../domain/errors'
import { parseImage, type Image } from '../domain/image'
import { chooseFolder, knexfileFor, joined, type ChosenFolder, type Knexfile } from '../domain/migrations/choose-folder'
import { knexDefaults, knexList, type ImageMigration, type KnexOptions } from '../domain/migrations/knex-list'
import { knexfileHints, type KnexfileHints } from '../domain/migrations/knexfile'
import type { ImageRead } from '../domain/migrations/status'
import { takesAway } from '../domain/migrations/takes-away'

/** An image by its name with tag or digest. USAGE for anything else. */
export function migratingImage(text: string): Image {
  const image = parseImage(text)
  if (image && (image.tag !== undefined || image.digest !== undefined)) return image
  throw new RefitError(
    'USAGE',
    `${text.slice(0, 200)} is not the name of an image.`,
    'Write it with its registry and tag, like registry.example.org/hub/ledger:v1.1.0.',
  )
}

/** The migrations of an image from its layers, and why they are taken for that. USAGE when `path` has none; REGISTRY_*. */
export async function readImageMigrations(
  registry: Registry,
  image: Image,
  path: string | undefined,
  options: ReadOptions = {},
): Promise<ImageRead> {
  const name = image.tag === undefined ? `${image.repository}@${image.digest}` : `${image.repository}:${image.tag}`
  const digest = image.digest ?? (await registry.digestOf(image.repository, image.tag ?? '', options))
  const found =
    digest &&
    (await registry.imageFiles(image.repository, digest, {
      ...{ ...options, bodies: true },
      ...(path === undefined ? {} : { path }),
    }))
  if (!digest || !found)
    throw new RefitError('REGISTRY_NOT_FOUND', `There is no image ${name}.`, 'Check its name and its tag.')
  const chosen = choose(found, path)
  if (path !== undefined && !chosen)
    throw new RefitError(
      'USAGE',
      `${name} has no migrations in /${joined(found.workingDirectory, path)}.`,
      'Name the folder from the root of the image, or leave --path out to have it looked for.',
    )
  const knex = optionsOf(chosen?.knexfile?.hints)
  return {
    hints: chosen?.knexfile?.hints,
    shown: {
      image: name,
      digest,
      folder: chosen ? `/${chosen.folder.path}` : null,
      why: chosen?.why ?? 'no folder called migrations has files that knex would take',
      others: chosen?.others ?? [],
      migrations: knexList<ImageFile>(chosen?.folder.files ?? [], knex).map(withoutBody),
      options: knex,
      knexfile: chosen?.knexfile ? `/${chosen.knexfile.path}` : null,
    },
  }
}

/** Only what its text says is kept of a file's content. */
function withoutBody({ body, ...file }: ImageFile): ImageMigration {
  return body && takesAway(body.toString('utf8')) ? { ...file, contract: true } : file
}

function choose(
  { folders, workingDirectory, ...found }: ImageFiles,
  path: string | undefined,
): ChosenFolder | undefined {
  const knexfiles = found.knexfiles.map((each): Knexfile => ({ path: each.path, hints: knexfileHints(each.text) }))
  if (path === undefined) return chooseFolder({ folders, workingDirectory, knexfiles })
  const [folder] = folders
  return (
    folder && {
      folder,
      why: 'named by --path',
      others: [],
      ...knexfileFor({ knexfiles, workingDirectory }, folder.path),
    }
  )
}

const optionsOf = (hints: KnexfileHints | undefined): KnexOptions => ({
  loadExtensions: hints?.loadExtensions ?? knexDefaults.loadExtensions,
  disableMigrationsListValidation:
    hints?.disableMigrationsListValidation ?? knexDefaults.disableMigrationsListValidation,
})
