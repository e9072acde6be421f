// @ts-check
/**
 * Finds the circles of a graph: groups of nodes each of which leads to every other, the largest first. These are its
 * strongly connected components of more than one node, found by Tarjan's algorithm.
 * @param {readonly string[]} nodes
 * @param {readonly { from: string, to: string }[]} arrows
 * @returns {string[][]}
 */
export function circlesOf(nodes, arrows) {
  /** @type {Map<string, string[]>} */
  const targets = new Map(nodes.map((node) => [node, []]))
  for (const { from, to } of arrows) targets.get(from)?.push(to)
  return components(targets)
    .filter((group) => group.length > 1)
    .map((group) => group.sort())
    .sort((a, b) => b.length - a.length || (a[0] ?? '').localeCompare(b[0] ?? ''))
}

/** @param {ReadonlyMap<string, readonly string[]>} targets */
function components(targets) {
  /** @type {string[][]} */
  const found = []
  /** @type {string[]} */
  const open = []
  /** Per node the number of its visit; Infinity once its component is complete. @type {Map<string, number>} */
  const visits = new Map()

  /** Answers the earliest visit that the node leads back to. @param {string} node */
  const visit = (node) => {
    const own = visits.size
    visits.set(node, own)
    open.push(node)
    let earliest = own
    for (const target of targets.get(node) ?? []) {
      earliest = Math.min(earliest, visits.get(target) ?? visit(target))
    }
    if (earliest === own) complete(node)
    return earliest
  }

  /** @param {string} node */
  const complete = (node) => {
    const group = open.splice(open.indexOf(node))
    for (const member of group) visits.set(member, Number.POSITIVE_INFINITY)
    found.push(group)
  }

  for (const node of targets.keys()) if (!visits.has(node)) visit(node)
  return found
}
