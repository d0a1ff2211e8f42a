'use client'

import { useCallback, useEffect, useState } from 'react'
import type { z } from 'zod'
import { type Connection, followList, listAt } from './live-list.ts'
import { whileSeen } from './while-seen.ts'

/** What is known of a list after these items of it, or after all that there are. */
type Fold<Item, Known> = (known: Known, items: readonly Item[], isAll: boolean) => Known

/**
 * A list, live while somebody looks; undefined until it is known. `tell` says what is known by other means.
 * @param schema a constant, like `fold`
 */
export function useLiveList<Item, Known>(
  path: string,
  schema: z.ZodType<Item[]>,
  nothing: Known,
  fold: Fold<Item, Known>,
) {
  const [known, setKnown] = useState<Known>()
  const [connection, setConnection] = useState<Connection>('opening')
  const tell = useCallback(
    (items: readonly Item[], isAll = false) => setKnown((before = nothing) => fold(before, items, isAll)),
    [nothing, fold],
  )
  useEffect(
    () => whileSeen(() => followList(listAt(path, schema), { tell, connected: setConnection })),
    [path, schema, tell],
  )
  return { known, connection, tell }
}
