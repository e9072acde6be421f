/** A comment between events: clients skip it, and it keeps their connection alive. */
export const heartbeat: Buffer = Buffer.from(': keep-alive\n\n')
