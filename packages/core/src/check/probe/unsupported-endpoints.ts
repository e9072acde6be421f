/** How long a site is not asked again. */
const expiryMs = 7 * 24 * 60 * 60_000

/**
 * The sites whose balance endpoint is gone. Each is asked again after seven days, or after a restart, in case the
 * endpoint has come back: finding that out costs one answer a week.
 */
export class UnsupportedEndpoints {
  readonly #addedAt = new Map<string, number>()

  /** `now` in milliseconds since the Unix epoch. */
  has(site: string, now: number): boolean {
    const addedAt = this.#addedAt.get(site)
    return addedAt !== undefined && now - addedAt < expiryMs
  }

  add(site: string, now: number): void {
    this.#addedAt.set(site, now)
  }
}
