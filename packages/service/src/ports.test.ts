import { createServer, type Server } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { httpPortEnv, httpUrlEnv, portEnv } from './config.ts'
import { isRefusedByFetch, listen, PortError, portOwner } from './ports.ts'

const place = { port: 0, host: '127.0.0.1', portVariable: 'METRICS_PORT' }

async function listening(): Promise<number> {
  const server = await listen(createServer(), place)
  onTestFinished(() => void server.close())
  return portOf(server)
}

const portOf = (server: Server) => {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

it('a taken port is told with its variable, and whose it is', async () => {
  const port = await listening()
  const refusal = await listen(createServer(), { ...place, port }).catch(error => error)
  expect(refusal).toBeInstanceOf(PortError)
  expect(refusal.message).toMatch(
    new RegExp(
      `^Port ${port} \\(METRICS_PORT\\) is in use already, by .+ \\(process ${process.pid}\\)\\. Stop what listens there, or set METRICS_PORT to another port\\.$`,
    ),
  )
})

it('an address of another machine is told with its variable', async () => {
  const elsewhere = { ...place, host: '203.0.113.7', hostVariable: 'ADMIN_HOST' }
  await expect(listen(createServer(), elsewhere)).rejects.toThrow(
    'ADMIN_HOST 203.0.113.7 is no address of this machine.',
  )
})

it('nobody owns a port that is free', async () => {
  const server = await listen(createServer(), place)
  const port = portOf(server)
  await new Promise(resolve => server.close(resolve))
  expect(await portOwner(port)).toBeUndefined()
})

it('the ports that are refused are those that fetch refuses', async () => {
  // Each of them is refused before anything is sent; a sample of the others is not.
  const says = (port: number) =>
    fetch(`http://127.0.0.1:${port}`).catch(error => String(error.cause?.message))
  for (let port = 1; port <= 10_100; port++)
    if (isRefusedByFetch(port)) expect(await says(port)).toBe('bad port')
  const free = await listening()
  expect(isRefusedByFetch(free)).toBe(false)
})

it.each(['6000', '70000', '-1', 'http', ' 80', '0x50'])('PORT=%s is refused', port => {
  expect(httpPortEnv.safeParse(port).success).toBe(false)
})

it('a port that is not called by HTTP may be one that browsers refuse', () => {
  expect(portEnv.parse('25')).toBe(25)
  expect(httpPortEnv.parse('0')).toBe(0)
})

it.each(['ftp://bank', 'bank:5005', 'http://bank:6000', 'no'])('%s is no URL that can be called', url => {
  expect(httpUrlEnv.safeParse(url).success).toBe(false)
})
