// @ts-check
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { roomOf } from './rooms.mjs'

/** @import { Arrow } from './read-graph.mjs' */

/** @typedef {readonly (readonly string[])[]} Floors rooms by floor, the lowest first */

/**
 * Reads the floors of a package: a CommonJS file that exports the floors of every package by its name. Null when there
 * is no such file, or it does not name the package.
 * @param {string} file
 * @param {string} packageName
 * @returns {Floors | null}
 */
export function readFloors(file, packageName) {
  if (!existsSync(file)) return null
  const floors = createRequire(import.meta.url)(resolve(file))
  return floors[packageName] ?? null
}

/**
 * Splits imports by the floors: those that climb, which is to import a higher floor or a neighbour on the same one, and
 * the rooms that stand on no floor, whose imports cannot be judged.
 * @param {readonly string[]} rooms
 * @param {readonly Arrow[]} arrows
 * @param {Floors} floors
 */
export function climbsOf(rooms, arrows, floors) {
  const floorOf = new Map(floors.flatMap((floor, at) => floor.map((room) => [room, at])))
  /** @param {Arrow} arrow */
  const climbs = ({ from, to }) => {
    const start = floorOf.get(roomOf(from))
    const end = floorOf.get(roomOf(to))
    return start !== undefined && end !== undefined && roomOf(from) !== roomOf(to) && end >= start
  }
  return { climbing: arrows.filter(climbs), strays: rooms.filter((room) => !floorOf.has(room)) }
}
