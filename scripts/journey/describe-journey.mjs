// @ts-check
/**
 * @typedef {object} Entry a function that was entered
 * @property {string} file package and path below its sources, as in `core/relay/failover.ts`
 * @property {string} name
 */

/** Rooms that every other room uses at any time, under their names of then and now: to go there is no move. */
const everywhere = ['runtime', 'errors', 'events', 'mask', 'checked', 'validation'].map(
  (room) => `core/${room}`,
)

/**
 * Names the room of a file: in core a folder or loose file at the top of the sources; other packages are one room each.
 * Null for the rooms that every other room uses.
 * @param {string} file
 */
function roomOf(file) {
  const [packageName = '', top = ''] = file.split('/')
  const room = packageName === 'core' ? `core/${top.replace(/\.ts$/, '')}` : packageName
  return everywhere.includes(room) ? null : room
}

/**
 * Describes a journey. A move is an entry into another room than the one before; a return is a move into a room that
 * was entered earlier. Entries in a row into one file make one step, which carries the number of the last move.
 * @param {readonly Entry[]} entries
 */
export function describeJourney(entries) {
  /** @type {{ file: string, room: string | null, move: number, names: string[] }[]} */
  const steps = []
  const rooms = new Set()
  let here = null
  let moves = 0
  let returns = 0
  for (const { file, name } of entries) {
    const room = roomOf(file)
    if (room !== null && room !== here) {
      if (here !== null) moves++
      if (rooms.has(room)) returns++
      rooms.add(room)
      here = room
    }
    const last = steps.at(-1)
    if (last?.file === file) last.names.push(name)
    else steps.push({ file, room, move: moves, names: [name] })
  }
  const files = new Set(entries.map(({ file }) => file)).size
  return { files, calls: entries.length, rooms: rooms.size, moves, returns, steps }
}
