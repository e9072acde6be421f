/** How long an endpoint that is gone is left alone. */
const forgetMs = 7 * 24 * 60 * 60_000

/**
 * The sites whose balance endpoint said that it is gone. Such a site is asked again after seven days, or after a
 * restart, in case it came back: one answer per site and week is what it costs to find out.
 */
export class UnsupportedEndpoints {
  readonly #goneAt = new Map<string, number>()

  /** `now` in milliseconds since the Unix epoch. */
  isGone(site: string, now: number): boolean {
    const goneAt = this.#goneAt.get(site)
    return goneAt !== undefined && now - goneAt < forgetMs
  }

  note(site: string, now: number): void {
    this.#goneAt.set(site, now)
  }
}
