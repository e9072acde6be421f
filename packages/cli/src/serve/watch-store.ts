import { stat } from 'node:fs/promises'

/** How often the file is looked at. */
const pollMs = 2_000

/**
 * Says it when the store's file is deleted or replaced while it is in use. The database goes on with the old file, whose
 * content is gone when the process ends, so only a person can save it. Returns a function that stops watching.
 */
export async function watchStore(path: string, say: (text: string) => void): Promise<() => void> {
  const opened = await identityOf(path)
  let seen = opened
  const look = async (): Promise<void> => {
    const now = await identityOf(path)
    if (now === seen || now === undefined) return
    seen = now
    if (now === opened) say(`store: ${path} is back`)
    else
      say(`store: ${path} was ${now === 'missing' ? 'deleted' : 'replaced by another file'}. ${consequence}`)
  }
  const poll = setInterval(() => void look(), pollMs)
  poll.unref()
  return () => clearInterval(poll)
}

const consequence =
  'This server still uses the old file: its keys serve on, but what it records now is lost when it stops. ' +
  'Put the old file back, or restart the server to use what is there now'

/** Which file is at a path, by device and number; undefined when that cannot be found out now. */
async function identityOf(path: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(path, { bigint: true })
    return `${dev} ${ino}`
  } catch (error) {
    const code = error instanceof Error ? Reflect.get(error, 'code') : undefined
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : undefined
  }
}
