import { describe, expect, it } from 'vitest'
import { rememberedKeys } from './remembered-keys.ts'

describe('a remembered key', () => {
  it('acts once, also while the first act is on its way', async () => {
    const { once } = rememberedKeys()
    const acts: number[] = []
    const act = async () => void acts.push(1)
    await Promise.all([once('k', 'f', act), once('k', 'f', act)])
    await once('k', 'f', act)
    expect(acts).toHaveLength(1)
  })

  it('is refused with another body', async () => {
    const { once } = rememberedKeys()
    await once('k', 'f', async () => {})
    expect(() => once('k', 'other', async () => {})).toThrow(expect.objectContaining({ status: 409 }))
  })

  it('is free again after a failure', async () => {
    const { once } = rememberedKeys()
    await expect(once('k', 'f', () => Promise.reject(new Error('away')))).rejects.toThrow('away')
    await expect(once('k', 'f', async () => {})).resolves.toBeUndefined()
  })

  it('is forgotten when newer ones need the room, the longest unused first', async () => {
    const { once } = rememberedKeys(2)
    const acts: string[] = []
    const use = (key: string) => once(key, 'f', async () => void acts.push(key))
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await use(key)
    expect(acts).toEqual(['a', 'b', 'c', 'b'])
  })
})
