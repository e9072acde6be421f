/** One field that breaks a rule. */
export interface ProblemField {
  readonly path: string
  readonly rule: string
  readonly received: unknown
}

/** What a problem is about, beside its status. */
export interface ProblemInput {
  readonly status: number
  readonly title: string
  readonly detail: string
  readonly errors?: readonly ProblemField[]
}

/** An error of the admin API, as RFC 9457 has it. */
export function problem(given: ProblemInput): Response {
  const { status, title, detail, errors } = given
  const body = { type: 'about:blank', title, status, detail, ...(errors === undefined ? {} : { errors }) }
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/problem+json' },
  })
}
