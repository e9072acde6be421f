export type CutKind = 'utf8' | 'bytes' | 'random'

const maxRandomCuts = 4

/** Cuts bytes into several parts, none of them empty. */
export function cutBytes(bytes: Buffer, kind: CutKind, random: () => number): Buffer[] {
  if (bytes.length < 2) return bytes.length === 0 ? [] : [bytes]
  return splitAt(bytes, cutPoints(bytes, kind, random))
}

function cutPoints(bytes: Buffer, kind: CutKind, random: () => number): number[] {
  switch (kind) {
    case 'bytes':
      return Array.from({ length: bytes.length - 1 }, (_, index) => index + 1)
    case 'utf8': {
      // The first byte of a multi-byte character has both high bits set.
      const first = bytes.findIndex((byte) => byte >= 0xc0)
      return first < 0 ? [] : [first + 1]
    }
    case 'random': {
      const points = Array.from(
        { length: maxRandomCuts },
        () => 1 + Math.floor(random() * (bytes.length - 1)),
      )
      return [...new Set(points)].sort((left, right) => left - right)
    }
  }
}

function splitAt(bytes: Buffer, points: readonly number[]): Buffer[] {
  const edges = [0, ...points, bytes.length]
  return edges.slice(1).map((end, index) => bytes.subarray(edges[index], end))
}
