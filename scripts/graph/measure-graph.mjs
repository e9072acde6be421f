// @ts-check

import { bestOrder } from './best-order.mjs'
import { circlesOf } from './circles.mjs'
import { climbsOf } from './floors.mjs'
import { roomsOf } from './rooms.mjs'

/** @import { Floors } from './floors.mjs' */
/** @import { Graph } from './read-graph.mjs' */

/**
 * Measures the imports of a package. Without floors every room gets a floor of its own in the best order, so that
 * the number of climbing imports is the least that was found for any order.
 * @param {Graph} graph
 * @param {Floors | null} floors
 */
export function measureGraph(graph, floors) {
  const { rooms, arrows: roomArrows } = roomsOf(graph)
  const judged = floors ?? bestOrder(rooms, roomArrows).map((room) => [room])
  const { climbing, strays } = climbsOf(rooms, graph.arrows, judged)
  return {
    files: graph.files.length,
    fileArrows: graph.arrows.length,
    typeArrows: graph.arrows.filter(({ isType }) => isType).length,
    rooms: rooms.length,
    roomArrows: roomArrows.length,
    hasFloors: floors !== null,
    climbing: climbing.map(({ from, to }) => ({ from, to })),
    strays,
    fileCircles: circlesOf(graph.files, graph.arrows),
    roomCircles: circlesOf(rooms, roomArrows),
  }
}
