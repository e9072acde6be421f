import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, open, realpath, rename, rm } from 'node:fs/promises'
import { extname } from 'node:path'
import type { PriceList } from '@sfpool/core'
import { CliError } from '../cli-error.js'
import { fileFailure } from '../input/file-failure.js'
import { parsePriceList } from './parse-price-list.js'
import { readLimited } from './read-limited.js'

/** Whether anything bears that name, also a link to nothing. */
export async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT' && error.code !== 'ENOTDIR',
  )
}

/** The list in a file. Throws a `CliError` naming the file, and what is wrong with it. */
export async function readPriceFile(path: string): Promise<PriceList> {
  return parsePriceList(await readPriceText(createReadStream(path), path), path)
}

/** The text of a file or of standard input. Throws a `CliError` naming it when it cannot be read. */
export async function readPriceText(source: AsyncIterable<Uint8Array>, name: string): Promise<string> {
  try {
    return await readLimited(source, name)
  } catch (error) {
    if (error instanceof CliError || (error instanceof Error && error.name === 'AbortError')) throw error
    throw new CliError(`cannot read ${name}: ${fileFailure(error)}`, { cause: error })
  }
}

/**
 * Writes a list so that whoever reads the file sees the old one or the new one, also after a crash. Everybody may read
 * it, there is no secret in it. Throws a `CliError` naming the file, which then is as it was.
 */
export async function writePriceFile(path: string, list: PriceList): Promise<void> {
  try {
    // What a link points to is replaced, not the link.
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
      // The mask of the process may have taken rights away.
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
