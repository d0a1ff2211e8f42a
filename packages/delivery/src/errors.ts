/** Thrown by a handler for what no retry can help: it goes to the dead letters with this reason. */
export class UnreadableRecordError extends Error {
  override name = 'UnreadableRecordError'
  /** What the handler wants to read again in the record's headers, should it be sent back. */
  readonly headers: Record<string, string>

  constructor(reason: string, headers: Record<string, string> = {}) {
    super(reason)
    this.headers = headers
  }
}

/** Thrown by a handler for what can't be handled now for a reason of its own: the others go on. */
export class PutOffError extends Error {
  override name = 'PutOffError'
  /** How long to wait, in ms; longer each time unless given. */
  readonly waitMs: number | undefined

  constructor(reason: string, { waitMs, ...options }: ErrorOptions & { waitMs?: number | undefined } = {}) {
    super(reason, options)
    this.waitMs = waitMs
  }
}

/** Thrown by a handler that knows how long nothing will work. Other errors may be outages, too. */
export class OutageError extends Error {
  override name = 'OutageError'
  /** How long to wait at least, in ms. */
  readonly waitMs: number

  constructor(
    reason: string,
    { waitMs = 0, ...options }: ErrorOptions & { waitMs?: number | undefined } = {},
  ) {
    super(reason, options)
    this.waitMs = waitMs
  }
}
