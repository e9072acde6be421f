/** A comment, which clients skip and which keeps their connection alive. */
export const heartbeat: Buffer = Buffer.from(': keep-alive\n\n')
