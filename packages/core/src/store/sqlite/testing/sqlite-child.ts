import { setImmediate as nextTurn } from 'node:timers/promises'
import { KeyPoolError } from '../../../errors.js'
import { storedKeys } from '../../testing/stored-keys.js'
import { storedUsage } from '../../testing/stored-usage.js'
import { sqliteStore } from '../sqlite-store.js'

/** The process of the crash tests: puts keys, or adds usage, and ends as its arguments say. */
const [path = '', from = '0', count = '0', ending = 'close', turns = '0', work = 'keys'] =
  process.argv.slice(2)

const die = (): void => {
  process.kill(process.pid, 'SIGKILL')
}

const dieAfterTurns = async (): Promise<void> => {
  for (let turn = 0; turn < Number(turns); turn++) await nextTurn()
  die()
}

try {
  const store = await sqliteStore({ path })
  const put: Promise<unknown> =
    work === 'keys'
      ? store.putKeys(storedKeys(Number(from), Number(count)))
      : store.addUsage({
          usage: Array.from({ length: Number(count) }, (_, n) => storedUsage({ name: `key ${n}` })),
          spent: [{ upstream: 'default', id: 'key-0', any: 3n, charged: 0n, unknown: 0 }],
          balances: [],
        })
  if (ending === 'die-during') await dieAfterTurns()
  await put
  if (ending === 'die-after') die()
  await store.close()
} catch (error) {
  const { code, message } = error as KeyPoolError
  process.stdout.write(JSON.stringify({ code, message, isOurs: KeyPoolError.isInstance(error) }))
}
