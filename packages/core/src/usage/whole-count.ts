/** More than any call uses. A larger figure is a fault of the upstream, and would spoil sums and cost millions. */
const mostUsed = 1_000_000_000

/** A reported count as a whole number that can be summed: zero for a negative one or NaN, and never above a billion. */
export const wholeCount = (count = 0): number => (count > 0 ? Math.round(Math.min(count, mostUsed)) : 0)
