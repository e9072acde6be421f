import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, open, realpath, rename, rm } from 'node:fs/promises'
import { extname } from 'node:path'
import type { PriceList } from '@sfpool/core'
import { CliError } from '../cli-error.js'
import { fileFailure } from '../input/file-failure.js'
import { parsePriceList } from './parse-price-list.js'
import { readLimited } from './read-limited.js'

/** Whether the path exists, also as a link to a missing file. */
export async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT' && error.code !== 'ENOTDIR',
  )
}

/** Reads the price list in a file. Throws a `CliError` that names the file and the problem. */
export async function readPriceFile(path: string): Promise<PriceList> {
  return parsePriceList(await readPriceText(createReadStream(path), path), path)
}

/** Reads the text of a file or of standard input. Throws a `CliError` that names a source that cannot be read. */
export async function readPriceText(source: AsyncIterable<Uint8Array>, name: string): Promise<string> {
  try {
    return await readLimited(source, name)
  } catch (error) {
    if (error instanceof CliError || (error instanceof Error && error.name === 'AbortError')) throw error
    throw new CliError(`cannot read ${name}: ${fileFailure(error)}`, { cause: error })
  }
}

/**
 * Writes a price list atomically: a reader sees the old or the new list, also after a crash. All users may read the file,
 * because it contains no secret. Throws a `CliError` that names the file, which then is unchanged.
 */
export async function writePriceFile(path: string, list: PriceList): Promise<void> {
  try {
    // A link is kept; the file it points to is replaced.
    const target = (await exists(path)) ? await realpath(path) : path
    await replace(target, await serialised(list, path))
  } catch (error) {
    throw new CliError(`cannot write ${path}: ${fileFailure(error)}`, { cause: error })
  }
}

async function replace(target: string, text: string): Promise<void> {
  const draft = `${target}.${randomUUID()}.tmp`
  try {
    const file = await open(draft, 'wx', 0o644)
    try {
      await file.writeFile(text)
      // The umask of the process may have removed permissions.
      await file.chmod(0o644)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, target)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

async function serialised(list: PriceList, path: string): Promise<string> {
  if (!/^\.ya?ml$/i.test(extname(path))) return `${JSON.stringify(list, null, 2)}\n`
  const { stringify } = await import('yaml')
  return stringify(list, { aliasDuplicateObjects: false })
}
