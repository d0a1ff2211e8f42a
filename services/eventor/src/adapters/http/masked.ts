const secretName = /authorization|cookie|token|secret|passw|api[-_]?key|signature|session/i

/** Headers as they may be shown: of one whose name speaks of a secret, at most its scheme (`Basic ***`). */
export const maskedHeaders = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      secretName.test(name) ? maskedValue(value) : value,
    ]),
  )

const maskedValue = (value: string) => `${/^(Basic|Bearer|Digest) /i.exec(value)?.[0] ?? ''}***`

/** A URL whose query shows no parameter that is called like a secret. */
export const maskedUrl = (url: string): string =>
  url.replace(/([?&]([^=&#]*)=)[^&#]*/g, (all, start, name) => (secretName.test(name) ? `${start}***` : all))
