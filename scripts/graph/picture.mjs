// @ts-check
import { roomsOf } from './rooms.mjs'

/** @import { Floors } from './floors.mjs' */
/** @import { Graph } from './read-graph.mjs' */

/** @type {Record<string, (floors: string[][]) => string>} */
const forms = {
  text: (floors) => {
    const width = String(floors.length).length
    const line = (/** @type {string[]} */ rooms, /** @type {number} */ at) =>
      `${String(at + 1).padStart(width)}  ${rooms.join('  ')}`
    return floors.map(line).reverse().join('\n')
  },
  mermaid: (floors) => {
    const line = (/** @type {string[]} */ rooms, /** @type {number} */ at) =>
      `  floor${at + 1}["${at + 1} · ${rooms.join(' · ')}"]`
    const way = floors.map((_, at) => `floor${at + 1}`).reverse()
    return ['flowchart TB', ...floors.map(line).reverse(), `  ${way.join(' --> ')}`].join('\n')
  },
}

/** The names of the forms in which floors can be drawn. */
export const pictureForms = Object.keys(forms)

/**
 * Draws the floors with their rooms, the highest first: folders end in `/`. Rooms that stand on no floor but import
 * others, such as entry points, stand above all.
 * @param {string} form one of `pictureForms`
 * @param {Graph} graph
 * @param {Floors} floors
 */
export function drawFloors(form, graph, floors) {
  const { rooms } = roomsOf(graph)
  const folders = new Set(graph.files.filter((file) => file.includes('/')).map((file) => file.split('/')[0]))
  const named = new Set(floors.flat())
  const strays = rooms.filter((room) => !named.has(room))
  const drawn = [...floors, strays]
    .map((floor) => floor.filter((room) => rooms.includes(room)))
    .filter((floor) => floor.length > 0)
    .map((floor) => floor.map((room) => (folders.has(room) ? `${room}/` : room)))
  return forms[form]?.(drawn) ?? ''
}
