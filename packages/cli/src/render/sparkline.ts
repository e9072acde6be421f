const bars = '▁▂▃▄▅▆▇█'

/** Values as bars of at most `width` letters; neighbours are added up where there are more values. Zero is a space. */
export function sparkline(values: readonly number[], width: number): string {
  const sums = binned(values, Math.min(width, values.length))
  const most = Math.max(...sums)
  if (!(most > 0)) return ''
  const bar = (value: number): string =>
    value === 0 ? ' ' : (bars[Math.min(Math.floor((value / most) * bars.length), bars.length - 1)] ?? '')
  return sums.map(bar).join('')
}

function binned(values: readonly number[], count: number): number[] {
  const sums = Array.from({ length: count }, () => 0)
  values.forEach((value, at) => {
    const bin = Math.floor((at * count) / values.length)
    sums[bin] = (sums[bin] ?? 0) + value
  })
  return sums
}
