import { storedKey } from '../../testing/stored-keys.js'
import { backupStore } from '../backup-store.js'
import { restoreStore } from '../restore-store.js'
import { rotateSecret } from '../rotate-secret.js'
import { sqliteStore } from '../sqlite-store.js'
import { clientOf } from './old-files.js'

/**
 * The process of the kill tests. Works until it is killed, and writes a line for each step that is done: what it says is
 * on disk. With `look` it says what it finds, and ends.
 */
const [path = '', work = 'keys', from = '0', ...backups] = process.argv.slice(2)

/** Written at once: what waits in a pipe of Node would be lost with the process. */
const { writeSync } = await import('node:fs')
const say = (line: string): void => {
  writeSync(1, `${line}\n`)
}

say('started')
if (work === 'look') {
  const store = await sqliteStore({ path })
  const { keys } = await store.load()
  const records = (await store.records.list('webhook')).items
  const entries = (await store.records.readJournal('audit', { limit: 1_000_000 })).items
  await store.close()
  const client = clientOf(path)
  const { rows } = await client.execute('PRAGMA integrity_check')
  say(JSON.stringify({ keys, records, entries, integrity: rows.map((row) => row.integrity_check) }))
  process.exit(0)
}
if (work === 'migrate') {
  const store = await sqliteStore({ path })
  say('open')
  await store.close()
  say('closed')
} else if (work === 'rotate') {
  for (let round = 0; ; round++) {
    await rotateSecret({ path })
    say(`rotated ${round}`)
  }
} else if (work === 'restore') {
  for (let n = Number(from); ; n++) {
    await restoreStore({ path, from: backups[n % backups.length] ?? '', replace: true })
    say(`restored ${n}`)
  }
} else if (work === 'backup') {
  for (let n = Number(from); ; n++) {
    await backupStore({ path, to: backups[0] ?? '', replace: true })
    say(`backed ${n}`)
  }
} else if (work === 'records') {
  const store = await sqliteStore({ path })
  for (let n = Number(from); ; n++) {
    const record = { kind: 'webhook', id: `webhook-${n}`, value: { n }, secret: `sk-fake-record-${n}` }
    // Record and entry are one change: both are there, or neither.
    await store.records.write({ at: n, put: [record], append: [{ journal: 'audit', value: n }] })
    say(`put ${n}`)
    if (n % 3 === 0) {
      await store.records.write({ at: n, remove: [record] })
      say(`removed ${n}`)
    }
  }
} else {
  const store = await sqliteStore({ path })
  for (let n = Number(from); ; n++) {
    await store.putKeys([storedKey(n)])
    say(`put ${n}`)
    if (n % 3 === 0) {
      await store.removeKeys([storedKey(n).id])
      say(`removed ${n}`)
    }
    if (n % 5 === 0) {
      await store.putKeys([storedKey(n, { label: 'again', enabled: false })])
      say(`changed ${n}`)
    }
  }
}
