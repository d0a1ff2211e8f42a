import { describe, expect, it } from 'vitest'
import { json, order, startBank } from './bank.ts'

describe('the mode', () => {
  it('away breaks connections without an answer, until it is normal again', async () => {
    const bank = await startBank()
    expect((await bank.setMode({ mode: 'away' })).status).toBe(200)
    await expect(bank.charge('order-1', order())).rejects.toThrow('fetch failed')
    await expect(bank.jwks()).rejects.toThrow('fetch failed')
    await bank.setMode({ mode: 'normal' })
    expect((await bank.charge('order-1', order())).status).toBe(201)
  })

  it('failing answers 500 and charges nothing', async () => {
    const bank = await startBank()
    await bank.setMode({ mode: 'failing' })
    expect((await bank.charge('order-1', order())).status).toBe(500)
    expect((await bank.charges()).charges).toEqual([])
  })

  it('lost-answer charges, and the answer is only heard the next time', async () => {
    const bank = await startBank()
    await bank.setMode({ mode: 'lost-answer' })
    await expect(bank.charge('order-1', order())).rejects.toThrow('fetch failed')
    expect((await bank.charges()).charges).toHaveLength(1)
    await bank.setMode({ mode: 'normal' })
    expect((await bank.charge('order-1', order())).status).toBe(200)
  })

  it('slow answers late', async () => {
    const bank = await startBank()
    await bank.setMode({ mode: 'slow', delayMs: 200 })
    expect(await json(await fetch(`${bank.adminUrl}/mode`))).toEqual({ mode: 'slow', delayMs: 200 })
    const before = performance.now()
    expect((await bank.charge('order-1', order())).status).toBe(201)
    expect(performance.now() - before).toBeGreaterThan(190)
  })

  it('is refused when nobody knows it', async () => {
    const bank = await startBank()
    const response = await bank.setMode({ mode: 'closed', delayMs: -1 })
    expect(response.status).toBe(422)
    const fields = (await json(response)).errors.map((error: { field: string }) => error.field)
    expect(fields).toEqual(['mode', 'delayMs'])
  })
})

describe('the process', () => {
  it('stops cleanly on SIGTERM, with an answer for who still waits', async () => {
    const bank = await startBank()
    await bank.setMode({ mode: 'slow', delayMs: 60_000 })
    const waiting = bank.charge('order-1', order())
    await expect.poll(async () => (await bank.charges()).charges).toHaveLength(1)
    const exit = bank.kill('SIGTERM')
    expect((await waiting).status).toBe(201)
    expect(await exit).toBe(0)
  })

  it('names every fault of its environment and exits 2', async () => {
    const start = startBank(undefined, { PORT: 'many', ADMIN_PORT: '70000' })
    await expect(start).rejects.toThrow(/exited with 2.*PORT: .*\n.*ADMIN_PORT: /s)
  })
})
