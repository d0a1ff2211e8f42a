/**
 * What knows whether a value is a T, by https://standardschema.dev: zod's schemas as well as valibot's. Pages that a diner
 * orders on use valibot, of which a page loads no more than it uses; zod is more than such a page itself.
 */
export interface Shape<T> {
  readonly '~standard': {
    readonly validate: (value: unknown) => Read<T> | Promise<Read<T>>
  }
}
type Read<T> = { readonly value: T; readonly issues?: undefined } | { readonly issues: readonly unknown[] }

/** The value as a T; undefined where it is none. */
export function readAs<T>(shape: Shape<T>, value: unknown): T | undefined {
  const read = shape['~standard'].validate(value)
  if (read instanceof Promise) throw new Error('a shape that takes its time is not for here')
  return 'value' in read && !read.issues ? read.value : undefined
}
