// @ts-check
/** @import { Graph } from './read-graph.mjs' */

/**
 * Names the room of a file: the folder at the top of the package's sources, or the file itself where it lies loose. An
 * entry point that is named after a folder belongs to it.
 * @param {string} file path below the sources
 */
export function roomOf(file) {
  return (file.split('/')[0] ?? '').replace(/\.ts$/, '')
}

/**
 * Draws the graph of rooms: an arrow between two rooms counts the imports between their files.
 * @param {Graph} graph
 */
export function roomsOf({ files, arrows }) {
  /** @type {Map<string, { from: string, to: string, imports: number }>} */
  const drawn = new Map()
  for (const { from, to } of arrows.map((arrow) => ({ from: roomOf(arrow.from), to: roomOf(arrow.to) }))) {
    if (from === to) continue
    const name = `${from} -> ${to}`
    drawn.set(name, { from, to, imports: (drawn.get(name)?.imports ?? 0) + 1 })
  }
  return { rooms: [...new Set(files.map(roomOf))].sort(), arrows: [...drawn.values()] }
}
