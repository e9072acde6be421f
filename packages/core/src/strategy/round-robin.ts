import type { Candidate, Strategy } from './strategy.js'

interface RingNode {
  readonly candidate: Candidate
  next: RingNode
  previous: RingNode
}

/**
 * Picks every key once a round. The keys form a ring, so adding or removing a key leaves the turns of the others as they
 * are: a new key comes at the end of the current round, and when the next key leaves, the turn passes to its successor.
 */
export function roundRobin(): Strategy {
  const nodes = new Map<Candidate, RingNode>()
  let turn: RingNode | undefined

  return {
    add(candidate) {
      if (nodes.has(candidate)) return
      const node = { candidate } as RingNode
      const next = turn ?? node
      const previous = turn?.previous ?? node
      node.next = next
      node.previous = previous
      previous.next = node
      next.previous = node
      nodes.set(candidate, node)
      turn ??= node
    },
    remove(candidate) {
      const node = nodes.get(candidate)
      if (node === undefined) return
      nodes.delete(candidate)
      node.previous.next = node.next
      node.next.previous = node.previous
      if (turn === node) turn = nodes.size === 0 ? undefined : node.next
    },
    pick(accepts) {
      for (let offered = 0; offered < nodes.size && turn !== undefined; offered++) {
        const { candidate } = turn
        turn = turn.next
        if (accepts(candidate)) return candidate
      }
      return undefined
    },
    peek(accepts) {
      let node = turn
      for (let offered = 0; offered < nodes.size && node !== undefined; offered++, node = node.next) {
        if (accepts(node.candidate)) return node.candidate
      }
      return undefined
    },
  }
}
