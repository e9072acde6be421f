/**
 * Path and query below a mount. `mount` is the mount's path or pattern, as in `/llm` or `/:tenant/llm`; only the
 * number of its segments counts, so parameters and percent-encoding need no second matching.
 */
export function targetBelow(mount: string, target: string): string {
  const path = target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?#]*/i, '')
  let rest = path
  for (const segment of mount.split('/')) {
    if (segment !== '') rest = rest.replace(/^\/+[^/?#]*/, '')
  }
  return rest.startsWith('/') ? rest : `/${rest}`
}
