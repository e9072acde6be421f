// @ts-check
/** @typedef {{ readonly from: string, readonly to: string, readonly imports: number }} RoomArrow */

/**
 * Orders rooms from the bottom up so that few imports climb: what a package's floors could be at best. Starts from the
 * rooms that import least and moves one room at a time for as long as that helps, so the order is good, not proven
 * best; where no circle of rooms exists nothing climbs in it.
 * @param {readonly string[]} rooms
 * @param {readonly RoomArrow[]} arrows
 * @returns {string[]}
 */
export function bestOrder(rooms, arrows) {
  const imports = new Map(arrows.map(({ from, to, imports }) => [`${from} -> ${to}`, imports]))
  /** @param {string} from @param {string} to */
  const count = (from, to) => imports.get(`${from} -> ${to}`) ?? 0
  const order = startingOrder(rooms, count)
  for (let isBetter = true; isBetter; ) {
    isBetter = false
    for (const room of rooms) isBetter = moveToBestPlace(order, room, count) || isBetter
  }
  return order
}

/** @param {readonly string[]} rooms @param {(from: string, to: string) => number} count */
function startingOrder(rooms, count) {
  const left = [...rooms]
  const order = []
  while (left.length > 0) {
    const surplus = left.map((room) => sum(left, (other) => count(room, other) - count(other, room)))
    const free = left.findIndex((room) => left.every((other) => count(room, other) === 0))
    const next = free === -1 ? surplus.indexOf(Math.min(...surplus)) : free
    order.push(...left.splice(next, 1))
  }
  return order
}

/** @param {string[]} order @param {string} room @param {(from: string, to: string) => number} count */
function moveToBestPlace(order, room, count) {
  const at = order.indexOf(room)
  order.splice(at, 1)
  let climbing = 0
  let best = { place: 0, climbing }
  let before = 0
  for (const [place, other] of order.entries()) {
    if (place === at) before = climbing
    climbing += count(other, room) - count(room, other)
    if (climbing < best.climbing) best = { place: place + 1, climbing }
  }
  if (at === order.length) before = climbing
  const isBetter = best.climbing < before
  order.splice(isBetter ? best.place : at, 0, room)
  return isBetter
}

/** @param {readonly string[]} items @param {(item: string) => number} amount */
function sum(items, amount) {
  return items.reduce((total, item) => total + amount(item), 0)
}
