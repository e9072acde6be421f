// @ts-check
import { renderTable } from '../../bench/measure/table.mjs'

/** @typedef {ReturnType<typeof import('./describe-journey.mjs').describeJourney>} Journey */

/**
 * Writes a journey as a table, and below it step by step: the move, the file, the functions entered there. Files of
 * rooms that every other room uses carry no move.
 * @param {string} title
 * @param {Journey & { alike: string }} journey
 */
export function renderJourney(title, { files, calls, rooms, moves, returns, alike, steps }) {
  const rows = Object.entries({ files, calls, rooms, moves, returns, 'requests that went this way': alike })
  const width = Math.max(...steps.map(({ file }) => file.length))
  const lines = steps.map(
    ({ file, room, move, names }) =>
      `${(room === null ? '' : String(move)).padStart(4)}  ${file.padEnd(width)}  ${counted(names).join(', ')}`,
  )
  return [
    renderTable(
      [title, ''],
      rows.map(([name, figure]) => [name, String(figure)]),
    ),
    '',
    ...lines,
  ].join('\n')
}

/** Writes a name that comes several times in a row once, with their number. @param {readonly string[]} names */
function counted(names) {
  /** @type {{ name: string, times: number }[]} */
  const runs = []
  for (const name of names) {
    const last = runs.at(-1)
    if (last?.name === name) last.times++
    else runs.push({ name, times: 1 })
  }
  return runs.map(({ name, times }) => (times === 1 ? name : `${name} ×${times}`))
}
