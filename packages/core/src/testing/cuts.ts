/** The bytes in pieces of 1 to `longest`, by chance. */
export function cutAtRandom(bytes: Buffer, longest: number, random: () => number): Buffer[] {
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + Math.floor(random() * longest)
    pieces.push(bytes.subarray(at, end))
    at = end
  }
  return pieces
}
