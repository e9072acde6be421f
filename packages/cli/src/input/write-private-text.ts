import { randomBytes } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import { CliError } from '../cli-error.js'
import { fileFailure } from './file-failure.js'

/**
 * Writes a file that only its owner may read, whole or not at all: it is written beside its place and then moved there,
 * so that neither a full disk nor the rights of an older file of that name can do harm. Throws a `CliError` that names it.
 */
export async function writePrivateText(path: string, text: string): Promise<void> {
  const beside = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await writeFile(beside, text, { mode: 0o600, flag: 'wx', flush: true })
    await rename(beside, path)
  } catch (error) {
    await rm(beside, { force: true }).catch(() => {})
    throw new CliError(`cannot write ${path}: ${fileFailure(error)}`, { cause: error })
  }
}
