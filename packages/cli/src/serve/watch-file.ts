import { type FSWatcher, watch } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { Settling } from './settling.js'

/** Editors and copies write a file in several steps. It is read when it has stayed as it is for this long. */
const quietMs = 300
/** Network disks and containers do not report changes, so the file is also polled. */
const pollMs = 2_000

/**
 * Calls `onChange` when a file's content may have changed, also when the file was replaced, as editors and deployment
 * tools do. Returns a function that stops watching.
 */
export function watchFile(path: string, onChange: () => void): () => void {
  let quiet: NodeJS.Timeout | undefined
  let isStopped = false
  const settling = new Settling()
  const later = (): void => {
    clearTimeout(quiet)
    quiet = setTimeout(() => void lookAgain(), quietMs)
  }
  const look = async (): Promise<void> => {
    const now = await fingerprint(path)
    if (!isStopped && settling.isChanged(now)) later()
  }
  const lookAgain = async (): Promise<void> => {
    const now = await fingerprint(path)
    if (isStopped) return
    if (settling.isSettled(now)) onChange()
    else later()
  }
  // Watches the directory, because a watch on the file itself would follow the old file after a rename.
  const watcher = watchDirectory(dirname(path), (name) => {
    if (name === null || name === basename(path)) void look()
  })
  void look()
  const poll = setInterval(() => void look(), pollMs)
  return () => {
    isStopped = true
    clearTimeout(quiet)
    clearInterval(poll)
    watcher?.close()
  }
}

function watchDirectory(directory: string, onEvent: (name: string | null) => void): FSWatcher | undefined {
  try {
    const watcher = watch(directory, (_event, name) => onEvent(name))
    // Polling goes on without the watcher.
    watcher.on('error', () => watcher.close())
    return watcher
  } catch {
    return undefined
  }
}

async function fingerprint(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino, ctimeMs } = await stat(path)
    return [mtimeMs, ctimeMs, size, ino].join(' ')
  } catch {
    return 'missing'
  }
}
