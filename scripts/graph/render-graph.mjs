// @ts-check
import { renderTable } from '../../bench/measure/table.mjs'

/** @typedef {ReturnType<typeof import('./measure-graph.mjs').measureGraph>} Measured */

const shownArrows = 20

/**
 * Writes what was measured as a table, and below it what is to be mended.
 * @param {string} name of what was measured
 * @param {Measured} measured
 */
export function renderGraph(name, measured) {
  const { climbing, hasFloors, strays, fileCircles, roomCircles } = measured
  const rows = [
    ['files', measured.files],
    ['arrows between files', measured.fileArrows],
    ['  of types only', measured.typeArrows],
    ['rooms', measured.rooms],
    ['arrows between rooms', measured.roomArrows],
    [
      hasFloors ? 'imports that climb a floor' : 'imports that climb in the best order found',
      climbing.length,
    ],
    ['rooms on no floor', hasFloors ? strays.length : '-'],
    ['circles of files', sizes(fileCircles)],
    ['circles of rooms', sizes(roomCircles)],
  ]
  return [
    renderTable(
      [name, ''],
      rows.map((row) => row.map(String)),
    ),
    ...section(
      'Circles of files',
      fileCircles.map((circle) => circle.join(' ')),
    ),
    ...section(
      'Circles of rooms',
      roomCircles.map((circle) => circle.join(' ')),
    ),
    ...section('Imports that climb', shortened(climbing.map(({ from, to }) => `${from} -> ${to}`))),
    ...section('Rooms on no floor', hasFloors && strays.length > 0 ? [strays.join(' ')] : []),
  ].join('\n')
}

/** @param {string[][]} circles */
function sizes(circles) {
  return circles.length === 0 ? '0' : `${circles.length} (${circles.map(({ length }) => length).join(' + ')})`
}

/** @param {string} title @param {string[]} lines */
function section(title, lines) {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)]
}

/** @param {string[]} lines */
function shortened(lines) {
  if (lines.length <= shownArrows) return lines
  return [...lines.slice(0, shownArrows), `and ${lines.length - shownArrows} more, which --json lists`]
}
